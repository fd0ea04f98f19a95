"""A network with its optimiser: everything between a loss and the next weights."""

from typing import Any

import torch
from torch import Tensor, nn

from mlcore.distributed import Team
from mlcore.presets import TrainConfig

OPTIMISERS: dict[str, type[torch.optim.Adam]] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


class Learner:
    """``gather`` gradients from one or several losses, then ``learn`` from them at once."""

    def __init__(self, network: nn.Module, config: TrainConfig, team: Team, *, rate: float) -> None:
        self.network = network
        self.team = team
        self.clip_norm = config.clip_norm
        self.optimiser = OPTIMISERS[config.optimiser](
            network.parameters(),
            lr=rate,
            betas=(config.beta1, 0.999),
            weight_decay=config.weight_decay,
            fused=True,
        )
        # fp16 loses small gradients unless losses are scaled up; bf16 and fp32 do not.
        self.scaler = torch.amp.GradScaler(team.device.type, enabled=config.precision == "fp16")

    def set_rate(self, rate: float) -> None:
        """The learning rate from the next step on."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def gather(self, loss: Tensor) -> None:
        """Add a loss's gradients to those gathered since the last step."""
        self.scaler.scale(loss).backward()

    def learn(self) -> None:
        """One step, by the mean of the team's gradients. Asks the device for nothing, so it never waits."""
        parameters = [entry for entry in self.network.parameters() if entry.grad is not None]
        self.team.average([entry.grad for entry in parameters if entry.grad is not None])
        if self.clip_norm:
            self.scaler.unscale_(self.optimiser)
            nn.utils.clip_grad_norm_(parameters, self.clip_norm)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        """Optimiser and scaler, without the network."""
        return {"optimiser": self.optimiser.state_dict(), "scaler": self.scaler.state_dict()}

    def load_state_dict(self, content: dict[str, Any]) -> None:
        """The inverse of ``state_dict``."""
        self.optimiser.load_state_dict(content["optimiser"])
        if content.get("scaler"):
            self.scaler.load_state_dict(content["scaler"])
