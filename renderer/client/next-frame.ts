/**
 * Runs once before the next paint; a hidden page paints nothing, so there it runs after 250 ms, which keeps pending
 * changes from piling up.
 */
export function nextFrame(run: () => void): void {
  if (document.hidden) setTimeout(run, 250)
  else requestAnimationFrame(run)
}
