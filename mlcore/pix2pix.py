"""One step of Pix2Pix: discriminator, then generator, with named losses."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mlcore import losses
from mlcore.dataset import Sample
from mlcore.networks import Generator, GeneratorOutput, PatchGAN
from mlcore.presets import Phase, TrainConfig


@dataclass(slots=True)
class Optimisers:
    """Adam for each network."""

    generator: torch.optim.Optimizer
    discriminator: torch.optim.Optimizer


class Pix2Pix:
    """Generator and discriminator in training.

    ``step`` returns losses by their usual names: ``G_GAN`` (how little the generator fools), ``G_L1`` (mean
    absolute error, unweighted, in units of [-1, 1]), ``D_real``, ``D_fake``, and ``G_hole``, ``G_mask`` where
    the generator finds damage itself. Names of losses that were off in a step are absent.
    """

    def __init__(
        self, generator: Generator, discriminator: PatchGAN, config: TrainConfig, device: torch.device
    ) -> None:
        self.config = config
        self.device = device
        layout = torch.channels_last
        self.generator = generator.to(device=device, memory_format=layout)  # type: ignore[call-overload]
        self.discriminator = discriminator.to(device=device, memory_format=layout)  # type: ignore[call-overload]
        self.optimisers = Optimisers(
            self._adam(self.generator, config), self._adam(self.discriminator, config)
        )

    @staticmethod
    def _adam(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
        return torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, betas=(config.beta1, 0.999), fused=True
        )

    def set_learning_rate(self, rate: float) -> None:
        """The generator's, from the next step on; the discriminator's follows in its proportion."""
        for group in self.optimisers.generator.param_groups:
            group["lr"] = rate
        for group in self.optimisers.discriminator.param_groups:
            group["lr"] = rate * self.config.discriminator_rate

    def step(self, batch: Sample, phase: Phase, index: int, *, tell_mask: bool = False) -> dict[str, float]:
        """Update by one batch. ``index``: the batch's number in its epoch, which places the ratio's turns.

        At g:d the generator learns from every batch, the discriminator d times from every g-th.
        """
        self.generator.train()
        self.discriminator.train()
        degraded, clean, mask = (part.to(self.device, non_blocking=True) for part in batch)
        if phase.find_only:
            return self._step_finder(degraded, mask)
        with self._autocast():
            output = self.generator(degraded, mask if tell_mask else None)
        named: dict[str, Tensor] = {}
        if phase.discriminator_updates and index % phase.generator_updates == 0:
            for _ in range(phase.discriminator_updates):
                named |= self._step_discriminator(degraded, clean, output.restored.detach())
        named |= self._step_generator(degraded, clean, mask, output, bool(phase.discriminator_updates))
        return {name: float(value.detach()) for name, value in named.items()}

    def _step_finder(self, degraded: Tensor, mask: Tensor) -> dict[str, float]:
        finder = getattr(self.generator, "finder", None)
        if finder is None:
            raise ValueError(f"{type(self.generator).__name__} has no damage finder to train alone")
        with self._autocast():
            logits = finder(degraded)
        loss = losses.damage_found(logits.float(), mask)
        self._update(self.optimisers.generator, loss)
        return {"G_mask": float(loss.detach())}

    def _step_discriminator(self, degraded: Tensor, clean: Tensor, restored: Tensor) -> dict[str, Tensor]:
        with self._autocast():
            verdict_real = self.discriminator(degraded, clean)
            verdict_fake = self.discriminator(degraded, restored)
        d_real = losses.adversarial(verdict_real.float(), real=True)
        d_fake = losses.adversarial(verdict_fake.float(), real=False)
        # Halved, to slow the discriminator against the generator: Isola et al. 2017, section 3.3.
        self._update(self.optimisers.discriminator, (d_real + d_fake) * 0.5)
        return {"D_real": d_real, "D_fake": d_fake}

    def _step_generator(
        self, degraded: Tensor, clean: Tensor, mask: Tensor, output: GeneratorOutput, adversarial: bool
    ) -> dict[str, Tensor]:
        named = {"G_L1": losses.l1(output.restored, clean)}
        total = named["G_L1"] * self.config.lambda_l1
        if output.refined is not None and self.config.lambda_hole:
            named["G_hole"] = losses.l1(output.refined, clean, mask)
            total = total + named["G_hole"] * self.config.lambda_hole
        if output.mask_logits is not None and self.config.lambda_mask:
            named["G_mask"] = losses.damage_found(output.mask_logits.float(), mask)
            total = total + named["G_mask"] * self.config.lambda_mask
        if adversarial:
            self.discriminator.requires_grad_(False)
            with self._autocast():
                verdict = self.discriminator(degraded, output.restored)
            named["G_GAN"] = losses.adversarial(verdict.float(), real=True)
            total = total + named["G_GAN"]
        self._update(self.optimisers.generator, total)
        self.discriminator.requires_grad_(True)
        return named

    @staticmethod
    def _update(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.config.precision == "bf16")
