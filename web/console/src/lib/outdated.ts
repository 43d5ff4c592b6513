const RELOADED = "plinth.reloaded";
const AGAIN_MS = 60_000;

/**
 * A page that was opened before the server was replaced asks for parts that are no more: it is loaded anew, once. What
 * fails again soon after that has another cause, and is shown.
 */
export function reloadWhenOutdated(reload: () => void = () => location.reload()): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(RELOADED));
    if (Date.now() - last < AGAIN_MS) return;
    sessionStorage.setItem(RELOADED, String(Date.now()));
    event.preventDefault();
    reload();
  });
}
