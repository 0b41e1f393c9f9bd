import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useClusterPage } from '../harness/use-cluster-page.ts'

function definition(kind: string): string {
  const singular = kind.toLowerCase()
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${singular}s.example.com
spec:
  group: example.com
  scope: Namespaced
  names: { plural: ${singular}s, singular: ${singular}, kind: ${kind} }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, required: [size], properties: { size: { type: integer, minimum: 3 } } }
`
}
const oven = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ovens.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: ovens, singular: oven, kind: Oven }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { scale: { specReplicasPath: .spec.trays, statusReplicasPath: .status.trays } }
      additionalPrinterColumns: [{ name: Phase, type: string, jsonPath: .spec.phase }]
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`
const stone = {
  apiVersion: 'example.com/v1',
  kind: 'Oven',
  metadata: { name: 'stone', namespace: 'default' },
  spec: { degrees: 240, trays: 2, phase: 'Hot', breads: { morning: ['rye'] } },
}
const objectsFirst = `apiVersion: example.com/v1
kind: Widget
metadata: { name: first, namespace: shop }
spec: { size: 4 }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
${definition('Widget')}`

const context = useClusterPage(['--name', 'e2e-definitions', '--runtime', 'simulated'])
let page: Page
let kubectl: (typeof context)['kubectl']
beforeAll(async () => {
  ;({ page, kubectl } = context)
  await page.getByRole('navigation').getByRole('link', { name: 'Apply YAML' }).waitFor()
})

const link = (name: string): ReturnType<Page['locator']> =>
  page.getByRole('navigation').getByRole('link', { name, exact: true })

describe('kinds that come and go while the page is open', () => {
  it('are made first, and their objects with them, from one text in any order', async () => {
    await link('Apply YAML').click()
    await page.locator('.cm-content').click()
    await page.keyboard.insertText(objectsFirst)
    await page.getByText('after its definition').waitFor()
    await page.getByText('will be created').nth(1).waitFor()
    await page.keyboard.press('ControlOrMeta+Enter')
    await page.getByText('3 objects applied').waitFor()
    expect(await page.locator('.cm-content').innerText()).toMatch(/minimum: 3 \} \} \}\s*$/)
    await page
      .getByRole('region', { name: 'Objects in the text' })
      .getByRole('link', { name: /first/ })
      .click()
    await page.getByRole('heading', { name: 'first' }).waitFor()
    const size = await kubectl(['get', 'widget', 'first', '-n', 'shop', '-o', 'jsonpath={.spec.size}'])
    expect(size).toBe('4')
  })

  it('stand in the sidebar as soon as they are served, and no longer than that', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: definition('Gadget') })
    await link('Gadgets').waitFor()
    await kubectl(['delete', 'crd', 'gadgets.example.com'])
    await link('Gadgets').waitFor({ state: 'detached' })
  })

  it('are shown as their definition names things: columns, fields, and what their scale is', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: oven })
    await kubectl(['wait', 'crd/ovens.example.com', '--for=condition=Established', '--timeout=60s'])
    await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(stone) })
    await link('Ovens').click()
    await page.getByRole('columnheader', { name: 'Phase' }).waitFor()
    await page.getByRole('row', { name: /stone/ }).click()
    await page.getByRole('heading', { name: 'Spec' }).waitFor()
    await page.getByText('240', { exact: true }).waitFor()
    await page.getByText('- rye').waitFor()
    await page.getByRole('button', { name: 'Scale', exact: true }).click()
    const field = page.getByRole('dialog').locator('input:focus')
    await expect.poll(() => field.inputValue()).toBe('2')
    await field.press('ControlOrMeta+a')
    await page.keyboard.type('5')
    await page.keyboard.press('Enter')
    await page.getByText('Scale: Oven stone').waitFor()
    expect(await kubectl(['get', 'oven', 'stone', '-o', 'jsonpath={.spec.trays}'])).toBe('5')
  })

  it('come with a first draft of an object that the server takes', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: definition('Gadget') })
    await link('Gadgets').click()
    await page.getByRole('button', { name: 'Create' }).first().click()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('button', { name: 'Start from a first draft: Gadget' }).click()
    await page.getByText('will be created').waitFor()
    expect(await page.locator('.cm-content').innerText()).toContain('size: 3')
  })
})
