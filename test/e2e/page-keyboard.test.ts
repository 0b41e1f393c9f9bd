import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const context = useClusterPage(['--name', 'e2e-keyboard', '--runtime', 'simulated'], async (kubectl) => {
  for (const name of ['a', 'b', 'z']) await kubectl(['create', 'configmap', name, '--from-literal=k=v'])
})
let page: Page
beforeAll(() => {
  ;({ page } = context)
})
beforeEach(async () => {
  const { href } = new URL('#/c/local/k/configmaps?ns=*&q=ns=default', page.url())
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

  it('opens the choice of columns to the keyboard, and gives the focus back', async () => {
    const trigger = page.getByRole('button', { name: 'Columns' })
    const choice = page.getByRole('group', { name: 'Columns' })
    await trigger.focus()
    await press('Enter')
    await choice.and(page.locator(':focus')).waitFor()
    await press('Tab', 'Space')
    await page.getByRole('columnheader', { name: 'Namespace' }).waitFor({ state: 'detached' })
    await press('Space')
    await page.getByRole('columnheader', { name: 'Namespace' }).waitFor()
    await press('Escape')
    await choice.waitFor({ state: 'detached' })
    expect(await focused()).toBe('button Columns')
    await press('Enter')
    await choice.waitFor()
    await trigger.press('Escape')
    await choice.waitFor({ state: 'detached' })
  })

  it('takes the keys after a filter for what fits it, however fast they come', async () => {
    await grid().focus()
    await press('/', 'ControlOrMeta+a', 'z', 'Enter', 'ArrowDown', 'Enter')
    await page.getByRole('heading', { name: 'z', exact: true }).waitFor()
    expect(page.url()).toMatch(/q=z(&|$)/)
  })

  it('takes what is typed after Ctrl+K for the palette, however fast it comes', async () => {
    await grid().focus()
    await press('ArrowDown', 'Control+k', 'e')
    await page.getByRole('dialog').getByRole('combobox').and(page.locator(':focus')).waitFor()
    expect(await page.getByRole('combobox').inputValue()).toBe('e')
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toBe('grid ConfigMaps')
  })

  it('opens nothing over a dialog, which keeps the focus', async () => {
    await grid().focus()
    await press('ArrowDown', 'Delete')
    await page.getByRole('dialog').locator(':focus').waitFor()
    await press('Control+k', '?')
    expect(await page.getByRole('dialog').count()).toBe(1)
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toBe('grid ConfigMaps')
  })
})
