"""Whether all is well, the archive's own matters included: for probes and for the doctor."""
