"""Templates to words: `ports.Renderer` on Jinja's sandbox. `renderer` is the port, the rest its parts."""

from triage.adapters.renderer_jinja.renderer import JinjaRenderer
from triage.adapters.renderer_jinja.sources import shipped_dir

__all__ = ["JinjaRenderer", "shipped_dir"]
