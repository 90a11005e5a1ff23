"""The rules of axe, run in the page: what somebody could not see, reach or hear read out."""

from playwright.sync_api import Page

from tests.console.parts import fetched

THEMES = ("day", "night", "red")
RUN = """async ([theme, only]) => {
  const root = document.documentElement;
  const before = root.dataset.theme;
  root.dataset.theme = theme;
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const found = await axe.run(document, {
    runOnly: only.length > 0 ? { type: 'rule', values: only } : { type: 'tag', values: tags },
    resultTypes: ['violations'],
  });
  root.dataset.theme = before;
  return found.violations
    .filter((each) => ['serious', 'critical'].includes(each.impact))
    .flatMap((each) => each.nodes.map((node) =>
      `${theme} ${each.id}: ${node.target.join(' ')} ${node.html.slice(0, 120)}`
      + ` (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''})`));
}"""


def found(page: Page) -> list[str]:
    """Serious and critical findings on what the page shows: all rules in the day's colours, and
    contrast in those of the night and in red."""
    if not page.evaluate("'axe' in window"):
        page.evaluate((fetched() / "axe-core" / "axe.min.js").read_text() + "; undefined")
    texts: list[str] = []
    for theme in THEMES:
        only = [] if theme == "day" else ["color-contrast"]
        texts += page.evaluate(RUN, [theme, only])
    return texts
