import { retryImport, type RetryImportOptions } from './retry-import.ts'

function loadAgain(link: HTMLLinkElement): Promise<void> {
  const again = link.cloneNode() as HTMLLinkElement
  return new Promise((resolve, reject) => {
    again.addEventListener('load', () => resolve())
    again.addEventListener('error', () => {
      again.remove()
      reject(new Error(`${link.href} could not be loaded`))
    })
    link.after(again)
  })
}

/** Chromium gives a failed link a style sheet too, whose rules may not be read. */
function isLost({ sheet }: HTMLLinkElement): boolean {
  try {
    return !sheet?.cssRules.length
  } catch {
    return true
  }
}

/**
 * Asks again for the page's style sheets whose request was lost, as retryImport does for scripts: the browser itself leaves the page
 * without. To be called by a script of the page, which runs when every style sheet has come or failed.
 */
export async function retryStyleSheets(options: RetryImportOptions = {}): Promise<void> {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')]
  const lost = links.filter(isLost)
  await Promise.allSettled(lost.map((link) => retryImport(() => loadAgain(link), options)))
}
