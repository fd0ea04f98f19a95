"""One update of Pix2Pix: discriminator and generator, with named losses."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mlcore import losses
from mlcore.dataset import Sample
from mlcore.distributed import Team
from mlcore.ema import WeightAverage
from mlcore.learner import Learner
from mlcore.networks import FindFillRefine, Generator, GeneratorOutput, PatchGAN
from mlcore.networks.find_fill_refine import decided
from mlcore.presets import Phase, TrainConfig
from mlcore.teacher import Teacher

AUTOCAST = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Pix2Pix:
    """Generator and discriminator in training.

    ``step`` returns losses by their usual names: ``G_GAN`` (how little the generator fools), ``G_L1`` (mean
    absolute error, unweighted, in units of [-1, 1]), ``D_real``, ``D_fake``, and ``G_hole``, ``G_mask`` where
    the generator finds damage itself, ``G_rms`` (geometric mean over pictures of the root of each one's mean
    squared error, in the same units) where its logarithm is a loss. Names of losses that were off in a step
    are absent.
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: PatchGAN,
        config: TrainConfig,
        team: Team,
        teacher: Teacher | None = None,
    ) -> None:
        self.config = config
        self.teacher = teacher
        self.team = team
        self.device = team.device
        self.generator: Generator = self._placed(generator, team)
        self.discriminator: PatchGAN = self._placed(discriminator, team)
        self.generator_learner = Learner(self.generator, config, team, rate=config.learning_rate)
        self.discriminator_learner = Learner(
            self.discriminator, config, team, rate=config.learning_rate * config.discriminator_rate
        )
        self.average: WeightAverage | None = None
        self.start_average()
        self._restore = self._compiled(self.generator)
        self._judge = self._compiled(self.discriminator)
        finder = getattr(self.generator, "finder", None)
        self._find = None if finder is None else self._compiled(finder)

    @property
    def for_use(self) -> Generator:
        """The generator that is validated and written for use: the averaged one, if weights are averaged."""
        return self.average.generator if self.average else self.generator

    def start_average(self) -> None:
        """Begin the average at the present weights."""
        if self.config.ema:
            self.average = WeightAverage(self.generator, self.config.ema)

    def set_learning_rate(self, rate: float) -> None:
        """The generator's, from the next step on; the discriminator's follows in its proportion."""
        self.generator_learner.set_rate(rate)
        self.discriminator_learner.set_rate(rate * self.config.discriminator_rate)

    def discard_gradients(self) -> None:
        """Forget what was gathered and not learnt from, and the memory that it takes."""
        for learner in (self.generator_learner, self.discriminator_learner):
            learner.optimiser.zero_grad(set_to_none=True)

    def step(
        self, batches: Sequence[Sample], phase: Phase, index: int, *, tell_mask: bool = False
    ) -> dict[str, Tensor]:
        """Update once, by one batch or several of about one size.

        ``index``: the update's number in its epoch, which places the ratio's turns: at g:d the generator
        learns every time, the discriminator d times at every g-th. Losses come as scalars on the device
        (means over the batches), unread, so that the device need not be waited for.
        """
        self.generator.train()
        if phase.frozen_norm:
            _keep_statistics(self.generator)
        self.discriminator.train()
        share = 1.0 / len(batches)
        named: dict[str, Tensor] = {}
        if phase.find_only:
            for batch in batches:
                _add(named, self._gather_finder(batch, share, index), share)
        else:
            turn = phase.discriminator_updates if index % phase.generator_updates == 0 else 0
            judged: list[tuple[Sample, Tensor]] = []
            for batch in batches:
                with self._autocast():
                    output = self._output(batch, phase, tell_mask=tell_mask)
                judged.append((batch, output.restored.detach()))
                # The discriminator learns first, as Isola et al. have it; of several batches after the
                # generator, since holding all their graphs would take the memory that is to be saved.
                if len(batches) == 1:
                    named |= self._teach_discriminator(judged, turn)
                lost = self._gather_generator(
                    batch, output, share, adversarial=bool(phase.discriminator_updates)
                )
                _add(named, lost, share)
            if len(batches) > 1:
                named |= self._teach_discriminator(judged, turn)
        self.generator_learner.learn()
        self.team.average_statistics(self.generator, self.discriminator)
        if self.average:
            self.average.update(self.generator)
        return named

    def _output(self, batch: Sample, phase: Phase, *, tell_mask: bool) -> GeneratorOutput:
        if not phase.fill_only:
            output: GeneratorOutput = self._restore(batch.degraded, batch.mask if tell_mask else None)
            return output
        if not isinstance(self.generator, FindFillRefine):
            raise ValueError(f"{type(self.generator).__name__} has no filling to train alone")
        found = batch.mask if tell_mask else self.generator.find(batch.degraded)
        return self.generator.fill(batch.degraded, found)

    def _gather_finder(self, batch: Sample, share: float, turn: int) -> dict[str, Tensor]:
        if self._find is None:
            raise ValueError(f"{type(self.generator).__name__} has no damage finder to train alone")
        with self._autocast():
            logits = self._find(batch.degraded)
        aim = None
        if self.teacher:
            aim = torch.lerp(batch.mask, self.teacher.verdict(batch.degraded, turn), self.config.taught)
        named = {"G_mask": self._mask_loss(logits, batch.mask, aim)}
        total = named["G_mask"] * self.config.lambda_mask
        if isinstance(self.generator, FindFillRefine):
            # What a verdict is worth shows in the picture: a miss in high contrast costs most, a false alarm
            # where the filling is good costs nothing.
            found = decided(logits)
            filled = self.generator.first_guess(batch.degraded, found)
            restored = batch.degraded + found * (filled - batch.degraded)
            total = total + self._picture_loss(named, restored, batch.clean)
        self.generator_learner.gather(total * share)
        return named

    def _picture_loss(self, named: dict[str, Tensor], restored: Tensor, clean: Tensor) -> Tensor:
        """What the restored picture is off by, weighted; its parts go into ``named``."""
        named["G_L1"] = losses.l1(restored, clean)
        total = named["G_L1"] * self.config.lambda_l1
        if self.config.lambda_log:
            logarithm = losses.log_error(restored, clean)
            named["G_rms"] = (logarithm / 2).exp()
            total = total + logarithm * self.config.lambda_log
        return total

    def _mask_loss(self, logits: Tensor, mask: Tensor, aim: Tensor | None = None) -> Tensor:
        return losses.damage_found(logits.float(), mask, self.config.lambda_dice, aim=aim)

    def _teach_discriminator(self, judged: Sequence[tuple[Sample, Tensor]], times: int) -> dict[str, Tensor]:
        """Let it learn ``times`` from clean pictures and restored ones; losses of the last time."""
        share = 1.0 / len(judged)
        named: dict[str, Tensor] = {}
        for _ in range(times):
            named = {}
            for batch, restored in judged:
                with self._autocast():
                    verdict_real = self._judge(batch.degraded, batch.clean)
                    verdict_fake = self._judge(batch.degraded, restored)
                d_real = losses.adversarial(verdict_real.float(), real=True)
                d_fake = losses.adversarial(verdict_fake.float(), real=False)
                # Halved, to slow the discriminator against the generator: Isola et al. 2017, section 3.3.
                self.discriminator_learner.gather((d_real + d_fake) * (0.5 * share))
                _add(named, {"D_real": d_real, "D_fake": d_fake}, share)
            self.discriminator_learner.learn()
        return named

    def _gather_generator(
        self, batch: Sample, output: GeneratorOutput, share: float, *, adversarial: bool
    ) -> dict[str, Tensor]:
        named: dict[str, Tensor] = {}
        total = self._picture_loss(named, output.restored, batch.clean)
        if output.refined is not None and self.config.lambda_hole:
            named["G_hole"] = losses.l1(output.refined, batch.clean, batch.mask)
            total = total + named["G_hole"] * self.config.lambda_hole
        if output.mask_logits is not None and self.config.lambda_mask:
            named["G_mask"] = self._mask_loss(output.mask_logits, batch.mask)
            total = total + named["G_mask"] * self.config.lambda_mask
        if not adversarial:
            self.generator_learner.gather(total * share)
            return named
        with _frozen(self.discriminator):
            with self._autocast():
                verdict = self._judge(batch.degraded, output.restored)
            named["G_GAN"] = losses.adversarial(verdict.float(), real=True)
            self.generator_learner.gather((total + named["G_GAN"]) * share)
        return named

    def _placed(self, network: Any, team: Team) -> Any:
        """On the device, with channels innermost, which convolutions are faster on."""
        return team.prepare(network).to(device=team.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _compiled(self, network: nn.Module) -> Callable[..., Any]:
        return torch.compile(network, dynamic=False) if self.config.compile else network

    def _autocast(self) -> torch.autocast:
        precision = self.config.precision
        return torch.autocast(self.device.type, dtype=AUTOCAST[precision], enabled=precision != "fp32")


def _keep_statistics(network: nn.Module) -> None:
    """Batch normalisation as in use; its scale and shift still learn."""
    for layer in network.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.eval()


def _add(named: dict[str, Tensor], more: dict[str, Tensor], share: float) -> None:
    """Add a batch's share of losses to those of an update."""
    for name, loss in more.items():
        part = loss.detach() if share == 1.0 else loss.detach() * share
        named[name] = named[name] + part if name in named else part


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """Gradients go through the network, not into it."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
