import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../harness/browser.ts'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'

const args = ['--name', 'e2e-restart', '--runtime', 'simulated']
let cluster: RunningCluster
let browser: Browser
let page: Page
let problems: string[]

beforeAll(async () => {
  cluster = await startCluster({ args })
  await kubectlFor(cluster.kubeconfig)(['create', 'configmap', 'draft', '--from-literal=color=blue'])
  browser = await launchChromium()
  ;({ page, problems } = await openPage(browser, cluster.ui))
  await page.getByRole('navigation').getByRole('link', { name: 'ConfigMaps', exact: true }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  if (cluster) await disposeCluster(cluster)
})

const link = (name: string): ReturnType<Page['locator']> =>
  page.getByRole('navigation').getByRole('link', { name, exact: true })
const rows = (): ReturnType<Page['locator']> =>
  page.getByRole('grid').getByRole('row', { name: /Select draft/ })
const editor = (): ReturnType<Page['locator']> => page.locator('.dock .cm-content')

describe('the page, while Wheelhouse is stopped and started again', () => {
  it('says so, and keeps its drafts also where a part of it has to be waited for', async () => {
    await page.goto(new URL('#/c/local/k/configmaps?sel=default/draft', page.url()).href)
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await editor().click()
    await page.keyboard.press('ControlOrMeta+Home')
    await page.keyboard.insertText('# a note\n')
    await cluster.stop()
    await page.getByRole('alert').getByText('The connection to Wheelhouse is lost').waitFor()
    // Never loaded before: longer than it is asked for again.
    await Promise.all([
      page.waitForEvent('requestfailed', (request) => request.method() === 'HEAD'),
      link('Port forwards').click(),
    ])
    expect(await editor().innerText()).toContain('# a note')
  })

  it('goes on once its new address is open in another tab, with nothing doubled', async () => {
    cluster = await startCluster({ args, dataDirectory: cluster.dataDirectory })
    await page.getByRole('alert').getByText('Wheelhouse was started anew').waitFor()
    expect(await editor().innerText()).toContain('# a note')
    const other = await page.context().newPage()
    await other.goto(cluster.ui)
    await other.close()
    // The page that waited for a part of it may say so as well as the banner.
    await page.getByRole('alert').first().waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'No port is forwarded' }).waitFor()
    await page.getByRole('button', { name: 'Review' }).click()
    await page
      .getByText('The server would change nothing')
      .or(page.getByText('what the server would store'))
      .first()
      .waitFor()
    await link('ConfigMaps').click()
    await rows().waitFor()
    expect(await rows().count()).toBe(1)
    const own = problems.filter((text) => !/ERR_CONNECTION_REFUSED|WebSocket|dynamically imported/.test(text))
    expect(own).toEqual([])
  })
})
