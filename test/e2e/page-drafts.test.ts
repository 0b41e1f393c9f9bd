import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const context = useClusterPage(['--name', 'e2e-drafts', '--runtime', 'simulated'])
let page: Page
let kubectl: (typeof context)['kubectl']
beforeAll(() => {
  ;({ page, kubectl } = context)
})
beforeEach(async () => {
  await kubectl(['delete', 'configmap', 'draft', '--ignore-not-found'])
  await kubectl(['create', 'configmap', 'draft', '--from-literal=color=blue'])
})

const editor = (): ReturnType<Page['locator']> => page.locator('.dock .cm-content')

/** Opens the editor of the ConfigMap and puts `text` in place of what it shows. */
async function writeDraft(text: string): Promise<void> {
  await page.goto(new URL('#/c/local/k/configmaps?sel=default/draft', page.url()).href)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await editor().click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

const draft = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: draft\n  namespace: default\n${data}`

describe('drafts in the YAML editor', () => {
  it('leads to the field that the server refuses', async () => {
    await writeDraft(`${draft('data:\n  color: red\n')}${'# a line\n'.repeat(60)}odd: true\n`)
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('alert').getByText('unknown field').waitFor()
    await expect.poll(() => editor().locator('.cm-lintRange-error').allInnerTexts()).toEqual(['odd'])
  })

  it('is closed only by word, and then not asked about again', async () => {
    await page.getByRole('button', { name: 'Close draft' }).click()
    await page.getByText('Give up the draft?').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Give up the draft?').waitFor({ state: 'hidden' })
    expect(await editor().innerText()).toContain('color: red')
    await page.getByRole('button', { name: 'Close draft' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await editor().waitFor({ state: 'detached' })
  })

  it('is discarded only by word, for what the object is now', async () => {
    await writeDraft(draft('data:\n  color: red\n'))
    await kubectl(['patch', 'configmap', 'draft', '-p', '{"data":{"color":"white"}}'])
    const discard = page.locator('.dock').getByRole('button', { name: 'Discard' })
    await discard.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Keep editing' }).click()
    await page.getByText('Give up the draft?').waitFor({ state: 'hidden' })
    expect(await editor().innerText()).toContain('color: red')
    await discard.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await editor().getByText('white').waitFor()
    await page.getByText('No changes').waitFor()
    await page.getByRole('button', { name: 'Close draft' }).click()
    await editor().waitFor({ state: 'detached' })
  })

  it('is kept when the object is deleted meanwhile, and can be created anew', async () => {
    const before = await kubectl(['get', 'configmap', 'draft', '-o', 'jsonpath={.metadata.uid}'])
    await writeDraft(draft(`  uid: ${before}\ndata:\n  color: green\n`))
    await kubectl(['delete', 'configmap', 'draft'])
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Create it anew from my draft' }).click()
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByText('draft is created').waitFor()
    const after = await kubectl(['get', 'configmap', 'draft', '-o', 'jsonpath={.metadata.uid} {.data.color}'])
    expect(after).toMatch(/ green$/)
    expect(after).not.toContain(before)
    // Nothing is left to lose.
    await page.getByRole('button', { name: 'Close draft' }).click()
    await editor().waitFor({ state: 'detached' })
  })

  it('reviews nothing that was typed while the server was asked, and loses none of it', async () => {
    await writeDraft(draft('data:\n  color: red\n'))
    const { promise: typed, resolve: goOn } = Promise.withResolvers<void>()
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
    await page.route(/dryRun=All/, async (route) => {
      onAsked()
      await typed
      await route.continue()
    })
    await page.keyboard.press('ControlOrMeta+s')
    await asked
    await page.keyboard.press('ControlOrMeta+End')
    await page.keyboard.insertText('  size: large\n')
    const answered = page.waitForResponse(/dryRun=All/)
    goOn()
    await answered
    await page.unroute(/dryRun=All/)
    const review = page.getByRole('button', { name: 'Review' })
    await review.and(page.locator(':not(.n-button--loading)')).click()
    await page.locator('.cm-mergeView').getByText('size: large').first().waitFor()
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByText('draft is updated').waitFor()
    expect(await kubectl(['get', 'configmap', 'draft', '-o', 'jsonpath={.data}'])).toBe(
      '{"color":"red","size":"large"}',
    )
  })
})
