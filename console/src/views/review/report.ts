// A report that the node wrote as a page to print, taken over as elements: only text and a few tags
// come through, so that nothing in it can run or ask for anything.
const TAGS = new Set(['P', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD', 'CAPTION', 'STRONG', 'BDI', 'SPAN', 'BR', 'DIV', 'UL', 'LI', 'CODE', 'SMALL']);
/** The page has headings of its own above these. */
const HEADINGS: Partial<Record<string, string>> = { H1: 'h3', H2: 'h4', H3: 'h5' };
const LOOKS = new Set(['bad', 'part', 'good', 'law', 'drill', 'verdict', 'soft', 'id', 't', 'g', 'own', 'ref', 'wide']);

/** The report's own elements, in a fragment of this page. */
export function elementsOf(html: string): DocumentFragment {
  const found = document.createDocumentFragment();
  // Its own looks stay behind: this page takes no style from anywhere else.
  const body = html.replace(/<head\b[\s\S]*?<\/head>/i, '');
  for (const node of new DOMParser().parseFromString(body, 'text/html').body.childNodes) take(node, found);
  return found;
}

function take(node: Node, into: Node): void {
  if (node.nodeType === Node.TEXT_NODE) {
    into.appendChild(document.createTextNode(node.textContent ?? ''));
    return;
  }
  if (!(node instanceof Element)) return;
  const name = HEADINGS[node.tagName] ?? (TAGS.has(node.tagName) ? node.tagName.toLowerCase() : null);
  if (name === null) {
    if (node.tagName === 'SCRIPT' || node.tagName === 'STYLE') return;
    for (const each of node.childNodes) take(each, into);
    return;
  }
  const made = document.createElement(name);
  const looks = [...node.classList].filter((each) => LOOKS.has(each));
  if (looks.length > 0) made.className = looks.join(' ');
  for (const each of node.childNodes) take(each, made);
  if (name !== 'table') {
    into.appendChild(made);
    return;
  }
  // What is too wide is moved along by itself, by keys too.
  const frame = document.createElement('div');
  frame.className = 'scrolls';
  frame.tabIndex = 0;
  frame.appendChild(made);
  into.appendChild(frame);
}
