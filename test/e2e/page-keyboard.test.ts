import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../harness/browser.ts'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'

let cluster: RunningCluster
let browser: Browser
let page: Page

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-keyboard', '--runtime', 'simulated'] })
  const kubectl = kubectlFor(cluster.kubeconfig)
  for (const name of ['a', 'b', 'c']) await kubectl(['create', 'configmap', name, '--from-literal=k=v'])
  browser = await launchChromium()
  ;({ page } = await openPage(browser, cluster.ui))
  await page.getByRole('navigation').getByRole('link', { name: 'ConfigMaps', exact: true }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  if (cluster) await disposeCluster(cluster)
})
beforeEach(async () => {
  const { href } = new URL('#/c/local/k/configmaps?q=ns=default', page.url())
  await page.goto('about:blank')
  await page.goto(href)
  await page.getByRole('row', { name: /Select b/ }).waitFor()
})

const grid = (): ReturnType<Page['locator']> => page.getByRole('grid')
const press = (...keys: string[]): Promise<void> =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
const focused = (): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    return `${element.getAttribute('role') ?? element.tagName.toLowerCase()} ${element.ariaLabel ?? element.innerText}`
  })

describe('the page by keyboard alone', () => {
  it('leads past the sidebar to the list, and sorts it by a column head', async () => {
    await press('Tab')
    expect(await focused()).toBe('a Skip to the content')
    await press('Enter')
    expect(await focused()).toBe('grid ConfigMaps')
    await press('Tab', 'Enter')
    await page.locator('[aria-sort=descending]', { hasText: 'Name' }).waitFor()
    await press('ArrowRight')
    expect(await focused()).toBe('button Namespace')
  })

  it('goes through the tabs of a detail by arrows, and back to the list', async () => {
    await grid().focus()
    await press('ArrowDown', 'Enter')
    await page.getByRole('tab', { name: 'Overview' }).focus()
    await press('ArrowRight')
    expect(await focused()).toBe('tab Events')
    await press('End')
    await page.locator('.cm-content').waitFor()
    await grid().focus()
    await press('Escape')
    await page.getByRole('tablist').waitFor({ state: 'detached' })
    expect(await focused()).toBe('grid ConfigMaps')
  })

  it('gives a row’s menu the keys that move and choose, and the list none of them', async () => {
    await grid().focus()
    await press('Home', 'm')
    await page.locator('.n-dropdown-menu').waitFor()
    const row = await grid().getAttribute('aria-activedescendant')
    await press('ArrowDown', 'Enter')
    await page.locator('.dock .cm-content').waitFor()
    expect(await grid().getAttribute('aria-activedescendant')).toBe(row)
    expect(page.url()).not.toContain('sel=')
  })

  it('closes the choice of namespaces by an Escape that comes before it has opened', async () => {
    const trigger = page.getByRole('button', { name: 'All namespaces' })
    await trigger.evaluate((button: HTMLElement) => {
      button.focus()
      button.click()
      button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    })
    await page.getByPlaceholder('Search namespaces').waitFor({ state: 'detached' })
    expect(await trigger.getAttribute('aria-expanded')).toBe('false')
    expect(await focused()).toBe('button All namespaces')
  })

  // Opened again while it still fades: the panel of before is about to go, and took the focus along.
  it('chooses a namespace, and gives the focus back however fast', async () => {
    const trigger = page.locator('[aria-haspopup=listbox]', { hasText: /namespaces|kube-public|default/ })
    const search = page.getByPlaceholder('Search namespaces')
    await trigger.focus()
    for (const name of ['default', 'kube-public', 'default', 'kube-public']) {
      await press('Enter')
      await search.and(page.locator(':focus')).waitFor()
      await page.keyboard.type(name)
      await press('Enter')
      await trigger.filter({ hasText: name }).and(page.locator(':focus')).waitFor()
      await press('Enter')
      await search.and(page.locator(':focus')).waitFor()
      await press('Escape')
      await trigger.filter({ hasText: name }).and(page.locator(':focus')).waitFor()
    }
  })
})
