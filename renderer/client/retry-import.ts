const pausesMs = [200, 600, 1500]
const reloadKey = 'wheelhouse.reloaded'
const reloadEveryMs = 30_000

/** What a test puts in the place of the browser. */
export interface RetryImportOptions {
  pause?(ms: number): Promise<void>
  reload?(): void
  /** Whether the page itself could be had now. */
  isServed?(): Promise<boolean>
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function isPageServed(): Promise<boolean> {
  try {
    return (await fetch(window.location.pathname, { method: 'HEAD', cache: 'no-store' })).ok
  } catch {
    return false
  }
}

/**
 * Loads a part of the page that comes with a request of its own, and asks again when that request is lost: browsers drop
 * all that is under way whenever a network interface of the machine comes or goes, as one does with each pod. While nobody
 * serves the page it waits: loading the page anew would give up all that is in it, drafts included, for nothing. Where asking
 * again does not help although it is served, it is loaded anew, at most once in 30 seconds; then the failure is thrown.
 */
export async function retryImport<T>(load: () => Promise<T>, options: RetryImportOptions = {}): Promise<T> {
  const { pause = pauseFor, reload = () => window.location.reload(), isServed = isPageServed } = options
  for (const ms of pausesMs) {
    try {
      return await load()
    } catch {
      await pause(ms)
    }
  }
  while (!(await isServed())) await pause(pausesMs.at(-1)!)
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
