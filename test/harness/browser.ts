import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** Debian's Chromium, headless, with everything off that would look for the network. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

export interface PageOptions {
  width?: number
  height?: number
  colorScheme?: 'dark' | 'light'
  locale?: string
}

/** Opens the page in a fresh profile; `problems` collects script errors and console errors. */
export async function openPage(
  browser: Browser,
  ui: string,
  options: PageOptions = {},
): Promise<{ page: Page; context: BrowserContext; problems: string[] }> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? 'dark',
    locale: options.locale ?? 'en-US',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    // Chromium reports every 4xx answer as an error; asking whether an object exists is none.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      problems.push(message.text())
    }
  })
  await openMounted(page, ui)
  return { page, context, problems }
}

/**
 * Opens the page and waits until it shows something. Chromium drops what it is loading whenever a network of the machine comes or goes
 * (net::ERR_NETWORK_CHANGED), as Docker's do all the time here; a person would load the page again, and so does this.
 */
async function openMounted(page: Page, ui: string): Promise<void> {
  const mounted = page.locator('#app > *').first()
  for (let triesLeft = 3; ; triesLeft--) {
    await page.goto(ui)
    try {
      await mounted.waitFor({ timeout: 10_000 })
      return
    } catch (error) {
      if (triesLeft === 0) throw error
    }
  }
}
