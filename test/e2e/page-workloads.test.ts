import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodesReady } from '../harness/cluster.ts'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, annotations: { kubernetes.io/change-cause: first } }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: app, image: 'web:1' }] }
`

const context = useClusterPage(['--name', 'e2e-workloads', '--runtime', 'simulated'])
let page: Page
let kubectl: (typeof context)['kubectl']
beforeAll(async () => {
  ;({ page, kubectl } = context)
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', '-'], { stdin: web })
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
  await kubectl(['set', 'image', 'deployment/web', 'app=web:2'])
  await kubectl(['annotate', 'deployment/web', 'kubernetes.io/change-cause=second', '--overwrite'])
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
  await page.getByRole('navigation').getByRole('link', { name: 'Deployments', exact: true }).waitFor()
})

function open(address: string): Promise<unknown> {
  return page.goto(new URL(`#/c/local/k/${address}`, page.url()).href)
}
const button = (name: string): ReturnType<Page['locator']> => page.getByRole('button', { name, exact: true })
const dialog = (): ReturnType<Page['locator']> => page.getByRole('dialog')
const answerHasFocus = (name: string): Promise<void> =>
  dialog().getByRole('button', { name }).and(page.locator(':focus')).waitFor()
const gone = { state: 'hidden' } as const

describe('what is done to workloads, by keyboard', () => {
  it('puts a Deployment back to a named revision, with what was noted of it', async () => {
    await open('deployments.apps?sel=default/web')
    await page
      .getByRole('row', { name: /^1 web-/ })
      .getByRole('button', { name: 'Roll back' })
      .click()
    await dialog().getByText('Put Deployment web back to revision 1?').waitFor()
    await answerHasFocus('Roll back')
    await page.keyboard.press('Enter')
    await dialog().waitFor(gone)
    const row = page.getByRole('row', { name: /^3 web-.*current/ })
    await row.getByText('web:1').waitFor()
    await row.getByText('first').waitFor()
  })

  it('says of a held rollout that it is held, and goes back to no revision meanwhile', async () => {
    await button('Pause rollout').click()
    await answerHasFocus('Pause rollout')
    await page.keyboard.press('Enter')
    await page.getByRole('grid').getByRole('img', { name: 'Paused' }).waitFor()
    await button('Resume rollout').waitFor()
    expect(await button('Roll back').count()).toBe(1)
    expect(await button('Roll back').isDisabled()).toBe(true)
    await button('Resume rollout').click()
    await answerHasFocus('Resume rollout')
    await page.keyboard.press('Enter')
    await button('Pause rollout').waitFor()
  })

  it.each([
    ['StatefulSet', 'statefulset', 'statefulsets.apps', { serviceName: 'db', replicas: 1 }],
    ['DaemonSet', 'daemonset', 'daemonsets.apps', {}],
  ])('puts a %s back to a named revision', async (kind, name, path, spec) => {
    const labels = { app: name }
    const manifest = (image: string): string =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind,
        metadata: { name, annotations: { 'kubernetes.io/change-cause': `to ${image}` } },
        spec: {
          ...spec,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } },
        },
      })
    for (const image of ['db:1', 'db:2']) {
      await kubectl(['apply', '-f', '-'], { stdin: manifest(image) })
      await kubectl(['rollout', 'status', `${name}/${name}`, '--timeout=60s'])
    }
    await open(`${path}?sel=default/${name}`)
    await page
      .getByRole('row', { name: /^2 .*current/ })
      .getByText('to db:2')
      .waitFor()
    await page.getByRole('row', { name: /^1 / }).getByRole('button', { name: 'Roll back' }).click()
    await dialog().getByText(`Put ${kind} ${name} back to revision 1?`).waitFor()
    await dialog().getByText(`kubectl rollout undo ${name}/${name} -n default --to-revision=1`).waitFor()
    await answerHasFocus('Roll back')
    await page.keyboard.press('Enter')
    await dialog().waitFor(gone)
    await page
      .getByRole('row', { name: /^3 .*current/ })
      .getByText('to db:1')
      .waitFor()
    const image = '{.spec.template.spec.containers[*].image}'
    expect(await kubectl(['get', name, name, '-o', `jsonpath=${image}`])).toBe('db:1')
  })

  it('begins in the field that is to be filled in, over what stands there', async () => {
    await open('deployments.apps?sel=default/web')
    await page.getByRole('heading', { name: 'web', exact: true }).waitFor()
    await button('Scale').click()
    await dialog().locator('input:focus').waitFor()
    // A number taken out is none, and not 0.
    await page.keyboard.press('Backspace')
    await dialog().locator('button:disabled', { hasText: 'Scale' }).waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.type('2')
    await dialog().getByText('--replicas=2').waitFor()
    await page.keyboard.press('Enter')
    await dialog().waitFor(gone)
    await page.getByText('2/2').first().waitFor()
  })

  it('runs a Job again that has ended', async () => {
    const job = { containers: [{ name: 'a', image: 'web' }], restartPolicy: 'Never' }
    await kubectl(['apply', '-f', '-'], {
      stdin: JSON.stringify({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'import' },
        spec: { template: { spec: job } },
      }),
    })
    await kubectl(['wait', 'job/import', '--for=condition=Complete', '--timeout=60s'])
    await open('jobs.batch?sel=default/import')
    await button('Run again').click()
    await dialog().locator('input:focus').waitFor()
    await page.keyboard.type('import-2')
    await page.keyboard.press('Enter')
    await page
      .getByRole('grid')
      .getByRole('row', { name: /import-2/ })
      .waitFor()
  })

  it('deletes by Enter, but where much hangs on it only by choice', async () => {
    await kubectl(['create', 'configmap', 'lone'])
    await kubectl(['create', 'namespace', 'shop'])
    await open('configmaps?sel=default/lone')
    await button('Delete').click()
    await answerHasFocus('Delete')
    expect(await dialog().locator('input').count()).toBe(0)
    await page.keyboard.press('Enter')
    await dialog().waitFor(gone)
    await page.getByText('Deleted', { exact: true }).waitFor()
    await open('namespaces?sel=shop')
    await button('Delete').click()
    await answerHasFocus('Cancel')
    await page.keyboard.press('Enter')
    await dialog().waitFor(gone)
    expect(await kubectl(['get', 'namespace', 'shop', '-o', 'jsonpath={.status.phase}'])).toBe('Active')
  })
})
