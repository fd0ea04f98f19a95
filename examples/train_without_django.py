"""Train on clean pictures without Pulih's platform: a folder or tar goes in, a run's folder comes out.

    python -m examples.train_without_django CLEAN VAL_PAIRS RUN [PRESET [MINUTES]]

``VAL_PAIRS`` is a folder that ``manage.py degrade_dataset`` wrote. A run that exists goes on where it
stopped, so the same command again and again, ten minutes each, is one run. Under torchrun it uses all GPUs.
"""

import sys
from pathlib import Path

import torch

from mlcore.clean_bank import CleanBank, build_bank
from mlcore.distributed import joined_team
from mlcore.errors import MlcoreError
from mlcore.pairing import find_pairs
from mlcore.presets import PRESETS
from mlcore.run_state import STATE, read_state
from mlcore.sources import CleanSource
from mlcore.training import minutes_from_now, train


def main(clean: Path, val: Path, run: Path, preset: str = "accelerator", minutes: str = "1e9") -> None:
    should_stop = minutes_from_now(float(minutes))
    resume = (run / STATE).exists()
    config = read_state(run, torch.device("cpu"))[0].config if resume else PRESETS[preset]
    kept = run.with_name(run.name + "-bank.safetensors")
    with joined_team("cuda" if torch.cuda.is_available() else "cpu") as team:
        if team.leads and not kept.exists():
            run.parent.mkdir(parents=True, exist_ok=True)
            build_bank([clean], side=config.augmentation.crop or 256, seed=config.seed, workers=4).save(kept)
        team.wait()
        source = CleanSource(
            CleanBank.load(kept),
            config.augmentation,
            batch_size=config.batch_size,
            seed=config.seed,
            limit=config.images_per_epoch,
            device=team.device,
            shard=team.shard,
        )
        state = train(
            source,
            find_pairs(val),
            run,
            config,
            resume=resume,
            team=team,
            should_stop=should_stop,
            on_epoch=lambda line: print(line["epoch"], line["losses"], line.get("val", {}).get("mean", "")),
        )
        if team.leads:
            print("done" if state.finished else "stopped; the same command goes on")


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:4]), *sys.argv[4:])
    except MlcoreError as error:
        sys.exit(f"{error.message} [{error.code}]")
