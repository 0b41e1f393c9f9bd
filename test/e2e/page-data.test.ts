import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: door }
data: { blob: /wD+, password: b2xk }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: fixed }
immutable: true
data: { a: b }
`

const context = useClusterPage(['--name', 'e2e-data', '--runtime', 'simulated'], (kubectl) =>
  kubectl(['apply', '-f', '-'], { stdin: manifests }),
)
let page: Page
let kubectl: (typeof context)['kubectl']
beforeAll(() => {
  ;({ page, kubectl } = context)
})

async function open(path: string): Promise<void> {
  const { href } = new URL(`#/c/local/k/${path}`, page.url())
  await page.goto('about:blank')
  await page.goto(href)
}
const valueOf = async (key: string): Promise<string> =>
  Buffer.from(await kubectl(['get', 'secret', 'door', '-o', `jsonpath={.data.${key}}`]), 'base64').toString()

describe('the values of Secrets and ConfigMaps', () => {
  it('change one by one, decoded, by keyboard alone', async () => {
    await open('secrets?sel=default/door')
    await page.getByRole('button', { name: 'Edit password' }).focus()
    await page.keyboard.press('Enter')
    const field = page.getByLabel('Value of password')
    await field.and(page.locator(':focus')).waitFor()
    expect(await field.inputValue()).toBe('old')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.insertText('새 암호\nof two lines')
    // A draft is not lost by Escape, nor is what is around it closed.
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: 'Edit password' }).and(page.locator(':focus')).waitFor()
    expect(await valueOf('password')).toBe('새 암호\nof two lines')
    expect(await kubectl(['get', 'secret', 'door', '-o', 'jsonpath={.data.blob}'])).toBe('/wD+')
  })

  it('say what the server has against a new one, and take it under another name', async () => {
    await page.getByRole('button', { name: 'Add an entry' }).click()
    await page.getByLabel('Name of the entry').fill('password')
    await page.getByText('There is an entry of this name already.').waitFor()
    await page.getByLabel('Name of the entry').fill('no/slash')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page
      .getByRole('alert')
      .getByText(/a valid config key/)
      .waitFor()
    await page.getByLabel('Name of the entry').fill('user')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'user', exact: true }).waitFor()
    await eventually('the entry is stored', async () =>
      (await kubectl(['get', 'secret', 'door', '-o', 'jsonpath={.data}'])).includes('"user":""'),
    )
  })

  it('tell that a value has changed while one edits it', async () => {
    await page.getByRole('button', { name: 'Edit password' }).click()
    await kubectl(['patch', 'secret', 'door', '-p', '{"stringData":{"password":"theirs"}}'])
    await page.getByText('It has changed meanwhile').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  it('come as a file too, bytes as they are', async () => {
    const download = page.waitForEvent('download')
    await page
      .locator('article', { has: page.getByRole('heading', { name: 'blob', exact: true }) })
      .getByRole('button', { name: 'Download' })
      .click()
    const stream = await (await download).createReadStream()
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    expect([...Buffer.concat(chunks)]).toEqual([255, 0, 254])
  })

  it('of an immutable one stay', async () => {
    await open('configmaps?sel=default/fixed')
    await page.getByText('It is immutable').waitFor()
    expect(await page.getByRole('button', { name: 'Edit a' }).count()).toBe(0)
  })
})

describe('a draft of a value', () => {
  const field = (): ReturnType<Page['locator']> => page.getByLabel('Value of password')
  const dialog = (): ReturnType<Page['locator']> => page.getByRole('dialog')
  const answer = async (name: string): Promise<void> => {
    await dialog().getByText('What you changed in door').waitFor()
    await dialog().getByRole('button', { name }).click()
    await dialog().waitFor({ state: 'hidden' })
  }
  beforeEach(async () => {
    await kubectl(['create', 'secret', 'generic', 'gate', '--dry-run=client', '-o', 'yaml']).then((stdin) =>
      kubectl(['apply', '-f', '-'], { stdin }),
    )
    await open('secrets?ns=default&sel=default/door')
    await page.getByRole('button', { name: 'Edit password' }).click()
    await field().fill('unsaved')
  })

  it.each([
    ['the drawer closes', () => page.getByRole('button', { name: 'Close', exact: true }).click()],
    ['Escape closes it from the list', () => page.getByRole('grid').press('Escape')],
    ['another row is chosen', () => page.getByRole('grid').getByText('gate', { exact: true }).click()],
    ['another tab is', () => page.getByRole('tab', { name: 'YAML' }).click()],
    [
      'another page is',
      () => page.getByRole('navigation').getByRole('link', { name: 'Nodes', exact: true }).click(),
    ],
  ])('is given up only by word when %s', async (_name, leave) => {
    await leave()
    await answer('Keep editing')
    expect(await field().inputValue()).toBe('unsaved')
    expect(page.url()).toMatch(/secrets.*sel=default.door/)
    await leave()
    await answer('Discard')
    await field().waitFor({ state: 'detached' })
    await page.waitForURL((url) => !/secrets.*sel=default.door(&tab=overview)?$/.test(url.href))
  })

  it('stays while the list beside it is filtered, and is not asked about once it is saved', async () => {
    await page.getByRole('textbox', { name: /filter/i }).fill('door')
    await page.waitForURL(/q=door/)
    expect(await field().inputValue()).toBe('unsaved')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await field().waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByRole('complementary').waitFor({ state: 'detached' })
    expect(await dialog().count()).toBe(0)
  })
})
