import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../harness/browser.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

let cluster: RunningCluster
let browser: Browser

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-lost', '--runtime', 'simulated'] })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  if (cluster) await disposeCluster(cluster)
})

// As Chromium does to all that is under way when a network of the machine comes or goes.
describe('requests that the browser drops', () => {
  it('the page asks again for its style sheet', async () => {
    const page = await browser.newPage()
    let asked = 0
    await page.route(/\.css$/, (route) =>
      ++asked > 2 ? route.continue() : route.abort('addressunreachable'),
    )
    await page.goto(cluster.ui)
    await page.getByRole('navigation').getByRole('link', { name: 'Pods', exact: true }).waitFor()
    await eventually('the page has its style', () =>
      page.evaluate(() => getComputedStyle(document.querySelector('nav ul')!).listStyleType === 'none'),
    )
    expect(asked).toBe(3)
    await page.close()
  })
})
