// What truly stands on the screen: at least half of it within the window, and the page in front. Only
// that counts as presented.

type Wanted = { key: string; seen: () => void };

const SHARE = 0.5;

export function onScreen(node: HTMLElement, wanted: Wanted): { update: (next: Wanted) => void; destroy: () => void } {
  let now = wanted;
  let within = false;
  const look = (): void => {
    if (within && document.visibilityState === 'visible') now.seen();
  };
  const eye = new IntersectionObserver(
    (entries) => {
      within = (entries.at(-1)?.intersectionRatio ?? 0) >= SHARE;
      look();
    },
    { threshold: [0, SHARE, 1] },
  );
  eye.observe(node);
  document.addEventListener('visibilitychange', look);
  return {
    update(next) {
      now = next;
      look();
    },
    destroy() {
      eye.disconnect();
      document.removeEventListener('visibilitychange', look);
    },
  };
}
