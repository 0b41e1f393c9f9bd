const pausesMs = [200, 600, 1500]
const reloadKey = 'wheelhouse.reloaded'
const reloadEveryMs = 30_000

/** What a test puts in the place of the browser. */
export interface RetryImportOptions {
  pause?(ms: number): Promise<void>
  reload?(): void
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Loads a part of the page that comes with a request of its own, and asks again when that request is lost: browsers drop
 * all that is under way whenever a network interface of the machine comes or goes, as one does with each pod. Where asking
 * again does not help the page is loaded anew, at most once in 30 seconds; then the failure is thrown.
 */
export async function retryImport<T>(load: () => Promise<T>, options: RetryImportOptions = {}): Promise<T> {
  const { pause = pauseFor, reload = () => window.location.reload() } = options
  for (const ms of pausesMs) {
    try {
      return await load()
    } catch {
      await pause(ms)
    }
  }
  try {
    return await load()
  } catch (error) {
    const last = Number(sessionStorage.getItem(reloadKey) ?? 0)
    if (Date.now() - last > reloadEveryMs) {
      sessionStorage.setItem(reloadKey, String(Date.now()))
      reload()
    }
    throw error
  }
}
