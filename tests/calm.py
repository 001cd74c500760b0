"""Prefect's pages at ten pictures a second: its graph draws sixty of itself, and here it is the processor that paints.

context = calm(browser.new_context())
"""

from playwright.sync_api import BrowserContext

__all__ = ["calm"]

_TEN_A_SECOND = """
window.requestAnimationFrame = paint => setTimeout(() => paint(performance.now()), 100);
window.cancelAnimationFrame = clearTimeout;
const still = new CSSStyleSheet();
still.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important; }");
document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
"""


def calm(context: BrowserContext) -> BrowserContext:
    """The same context; whatever is opened in it waits for a picture as long as on a slow screen."""
    context.add_init_script(_TEN_A_SECOND)
    return context
