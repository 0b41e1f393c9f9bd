import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor, kubectlVersions } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'

const chart = join(import.meta.dirname, '../fixtures/crd-chart')
const definition = join(chart, 'crds/widgets.yaml')
let cluster: RunningCluster

type Kubectl = ReturnType<typeof kubectlFor>
const start = (dataDirectory?: string): Promise<RunningCluster> =>
  startCluster({
    args: ['--runtime', 'simulated', '--name', 'crds'],
    ...(dataDirectory && { dataDirectory }),
  })

function widget(spec: object, name = 'one'): string {
  return JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec })
}

beforeAll(async () => {
  cluster = await start()
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

describe.each(kubectlVersions)('kubectl 1.%s', (version) => {
  let kubectl: Kubectl
  beforeAll(async () => {
    kubectl = kubectlFor(cluster.kubeconfig, version)
    await kubectl(['apply', '-f', definition])
    await kubectl(['wait', '--for=condition=Established', 'crd/widgets.example.com', '--timeout=120s'])
  })

  it('finds the new kind in discovery and explains it', async () => {
    expect(await kubectl(['api-resources', '--api-group', 'example.com'])).toMatch(
      /widgets\s+wd\s+example\.com\/v1\s+true\s+Widget/,
    )
    expect(await kubectl(['explain', 'widget.spec.color'])).toContain('Its color.')
    expect(await kubectl(['explain', 'wd.spec', '--recursive'])).toMatch(
      /parts\s+<\[\]Object>\s+name\s+<string>/,
    )
    expect(await kubectl(['get', 'crd'])).toMatch(/widgets\.example\.com\s+\d{4}-/)
  })

  it('applies, shows, changes, scales and deletes objects', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: widget({ color: 'red', tags: ['a'] }) })
    expect(
      await kubectl(['apply', '-f', '-'], { stdin: widget({ color: 'blue', tags: ['a', 'b'] }) }),
    ).toContain('widget.example.com/one configured')
    expect(await kubectl(['get', 'wd'])).toMatch(
      /NAME\s+COLOR\s+REPLICAS\s+READY\s+AGE\s+one\s+blue\s+1\s+[\dms]+/,
    )
    expect(await kubectl(['get', 'all', '-o', 'wide'])).toMatch(
      /widget\.example\.com\/one\s+blue\s+1\s+medium/,
    )
    await kubectl(['patch', 'wd', 'one', '--type', 'merge', '-p', '{"spec":{"color":"green"}}'])
    await kubectl(['scale', 'widget/one', '--replicas=3'])
    expect(await kubectl(['get', 'wd', 'one', '-o', 'jsonpath={.spec.color} {.spec.replicas}'])).toBe(
      'green 3',
    )
    expect(await kubectl(['get', 'wd', '--field-selector', 'spec.color=green', '-o', 'name'])).toContain(
      'one',
    )
    expect(await kubectl(['get', 'wd', '--field-selector', 'spec.color=red', '-o', 'name'])).toBe('')
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      stdin: widget({ color: 'red' }),
    })
    await kubectl(['delete', 'wd', 'one'])
  })

  it('is told what is wrong with objects', async () => {
    const wrong = { color: 'pink', size: 'BIG', replicas: 101, tags: ['a', 'a'], colour: 'x' }
    await expect(kubectl(['create', '-f', '-'], { stdin: widget(wrong) })).rejects.toThrow(
      'strict decoding error: unknown field "spec.colour"',
    )
    const work = kubectl(['create', '--validate=ignore', '-f', '-'], { stdin: widget(wrong) })
    await expect(work).rejects.toThrow(
      [
        'The Widget "one" is invalid: ',
        '* spec.color: Unsupported value: "pink": supported values: "red", "green", "blue"',
        '* spec.replicas: Invalid value: 101: spec.replicas in body should be less than or equal to 100',
        '* spec.size: Invalid value: "BIG": spec.size in body should match \'^[a-z]+$\'',
        '* spec.tags[1]: Duplicate value: "a"',
      ].join('\n'),
    )
    await kubectl(['apply', '-f', '-'], { stdin: widget({ color: 'red' }) })
    await expect(kubectl(['patch', 'wd', 'one', '-p', '{"spec":{"color":"blue"}}'])).rejects.toThrow(
      'application/strategic-merge-patch+json is not supported by example.com/v1, Kind=Widget',
    )
  })

  it('selects by fields in lists, watches and deletions of all', async () => {
    const path = '/apis/example.com/v1/namespaces/default/widgets'
    const red = 'fieldSelector=spec.color%3Dred'
    await kubectl(['apply', '-f', '-'], { stdin: widget({ color: 'blue' }, 'two') })
    const { metadata } = JSON.parse(await kubectl(['get', '--raw', path])) as {
      metadata: { resourceVersion: string }
    }
    const paint = (color: string): Promise<string> =>
      kubectl(['patch', 'wd', 'two', '--type', 'merge', '-p', JSON.stringify({ spec: { color } })])
    await paint('red')
    expect(await kubectl(['get', 'wd', '--field-selector', 'spec.color=red', '-o', 'name'])).toBe(
      'widget.example.com/one\nwidget.example.com/two\n',
    )
    await paint('green')
    const since = `watch=true&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`
    const events = (await kubectl(['get', '--raw', `${path}?${red}&${since}`])).trim().split('\n')
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['ADDED', 'DELETED'])
    await kubectl(['delete', '--raw', `${path}?${red}`])
    expect(await kubectl(['get', 'wd', '-o', 'name'])).toBe('widget.example.com/two\n')
    await expect(kubectl(['get', 'wd', '--field-selector', 'spec.size=big'])).rejects.toThrow(
      'Error from server (BadRequest): Unable to find "example.com/v1, Resource=widgets" that match label selector "", field selector "spec.size=big": field label not supported: spec.size',
    )
  })

  it('is held to the rules of the definition, which are published with its selectable fields', async () => {
    const apply = (replicas: number): Promise<string> =>
      kubectl(['apply', '-f', '-'], { stdin: widget({ color: 'red', replicas }, 'ruled') })
    await apply(9)
    await expect(apply(10)).rejects.toThrow('The Widget "ruled" is invalid: spec: Invalid value: too many')
    await expect(kubectl(['scale', 'wd/ruled', '--replicas=11'])).rejects.toThrow(
      'spec: Invalid value: too many',
    )
    const report = (replicas: number): Promise<string> => {
      const patch = JSON.stringify({ status: { replicas } })
      return kubectl(['patch', 'wd', 'ruled', '--subresource=status', '--type=merge', '-p', patch])
    }
    await report(3)
    await expect(report(12)).rejects.toThrow(
      'The Widget "ruled" is invalid: status: Invalid value: too many: a dozen or more',
    )
    const document = await kubectl(['get', '--raw', '/openapi/v3/apis/example.com/v1'])
    const { components } = JSON.parse(document) as { components: { schemas: Record<string, unknown> } }
    expect(components.schemas['com.example.v1.Widget']).toMatchObject({
      properties: {
        spec: { 'x-kubernetes-validations': [{ rule: 'self.replicas < 10', message: 'too many' }] },
      },
      'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }],
    })
  })

  it('deletes the definition with all its objects', async () => {
    await kubectl(['delete', '-f', definition])
    await expect(kubectl(['get', 'wd'])).rejects.toThrow('the server could not find the requested resource')
    expect(await kubectl(['api-versions'])).not.toContain('example.com')
    expect(await kubectl(['get', '--raw', '/openapi/v3'])).not.toContain('example.com')
  })
})

it('custom resources survive a restart, and go with their namespace', async () => {
  let kubectl = kubectlFor(cluster.kubeconfig)
  await kubectl(['apply', '-f', definition])
  await kubectl(['wait', '--for=condition=Established', 'crd/widgets.example.com'])
  await kubectl(['create', 'namespace', 'team'])
  await kubectl(['-n', 'team', 'create', '-f', '-'], { stdin: widget({ color: 'red' }) })
  await cluster.stop()
  cluster = await start(cluster.dataDirectory)
  kubectl = kubectlFor(cluster.kubeconfig)
  expect(await kubectl(['-n', 'team', 'get', 'wd', '-o', 'jsonpath={.items[*].spec.color}'])).toBe('red')
  await kubectl(['delete', 'namespace', 'team'])
  expect(await kubectl(['get', 'wd', '-A', '-o', 'name'])).toBe('')
  await kubectl(['delete', '-f', definition])
})
