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
            spec: { type: object, properties: { size: { type: integer } } }
`
}
const objectsFirst = `apiVersion: example.com/v1
kind: Widget
metadata: { name: first, namespace: shop }
spec: { size: 1 }
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
    expect(await page.locator('.cm-content').innerText()).toMatch(/integer \} \} \}\s*$/)
    await page
      .getByRole('region', { name: 'Objects in the text' })
      .getByRole('link', { name: /first/ })
      .click()
    await page.getByRole('heading', { name: 'first' }).waitFor()
    const size = await kubectl(['get', 'widget', 'first', '-n', 'shop', '-o', 'jsonpath={.spec.size}'])
    expect(size).toBe('1')
  })

  it('stand in the sidebar as soon as they are served, and no longer than that', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: definition('Gadget') })
    await link('Gadgets').waitFor()
    await kubectl(['delete', 'crd', 'gadgets.example.com'])
    await link('Gadgets').waitFor({ state: 'detached' })
  })
})
