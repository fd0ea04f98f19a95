"""What restorations add to the archive's holdings, events, bags and catalogue."""
