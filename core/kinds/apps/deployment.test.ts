import { describe, expect, it } from 'vitest'
import { messageOf, type AnyObject } from '../testing/test-kinds.ts'
import { useKinds } from '../testing/use-kinds.ts'

const { create, update, row, resource } = useKinds()

const myApp = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: my-app }
spec:
  replicas: 3
  selector: { matchLabels: { app: my-app } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: my-app } }
    spec:
      containers:
        - { name: app, image: 'my-app:1.0', ports: [{ containerPort: 8080 }] }
`

describe('Deployment and ReplicaSet', () => {
  it('gets defaults and shows its columns', async () => {
    const deployment = await create(myApp)
    expect(deployment.spec).toMatchObject({
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
    })
    expect(deployment.spec.template.spec.enableServiceLinks).toBeUndefined()
    expect(row(deployment)).toBe('my-app 0/3 0 0 5m | app my-app:1.0 app=my-app')
    const plain = await create(
      myApp.replace('name: my-app }', 'name: plain }').replace(/ {2}strategy.*\n/, ''),
    )
    expect(plain.spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    })
  })

  it('counts a generation for spec and annotations, not for labels or status', async () => {
    const first = await create(myApp)
    const labelled = await update(first, (copy) => (copy.metadata.labels = { a: 'b' }))
    const scaled = await update(labelled, (copy) => (copy.spec.replicas = 5))
    const reported = await update(
      scaled,
      (copy) => (copy.status = { replicas: 5, readyReplicas: 2 }),
      'status',
    )
    const annotated = await update(reported, (copy) => (copy.metadata.annotations = { a: 'b' }))
    expect([first, labelled, scaled, reported, annotated].map((one) => one.metadata.generation)).toEqual([
      1, 1, 2, 2, 3,
    ])
    expect(row(annotated)).toContain('my-app 2/5')
  })

  it.each([
    [
      '  selector: { matchLabels: { app: my-app } }',
      '  selector: { matchLabels: { app: other } }',
      'spec.template.metadata.labels: Invalid value: {"app":"my-app"}: `selector` does not match template `labels`',
    ],
    [
      'maxSurge: 1,',
      'maxSurge: 0,',
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      'type: RollingUpdate,',
      'type: Recreate,',
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      'maxSurge: 1,',
      'maxSurge: lots,',
      `[spec.strategy.rollingUpdate.maxSurge: Invalid value: "lots": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%'), spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when \`maxSurge\` is 0]`,
    ],
    ['replicas: 3', 'replicas: -1', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      '    spec:\n',
      '    spec:\n      restartPolicy: Never\n',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    expect(await messageOf(create(myApp.replace(from, to)))).toBe(
      `Deployment.apps "my-app" is invalid: ${message}`,
    )
  })

  it('keeps its selector', async () => {
    const deployment = await create(myApp)
    const refused = update(deployment, (copy) => {
      copy.spec.selector.matchLabels.more = 'x'
      copy.spec.template.metadata.labels.more = 'x'
    })
    expect(await messageOf(refused)).toBe(
      'Deployment.apps "my-app" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"my-app","more":"x"}}: field is immutable',
    )
  })

  it('scales', async () => {
    const set = await create(myApp.replace('Deployment', 'ReplicaSet').replace(/ {2}strategy.*\n/, ''))
    expect(set.status).toEqual({ replicas: 0 })
    expect(row(set)).toBe('my-app 3 0 0 5m | app my-app:1.0 app=my-app')
    const scale: AnyObject = (await resource('ReplicaSet').get('default', 'my-app', { subresource: 'scale' }))
      .object
    expect([scale.spec.replicas, scale.status.selector]).toEqual([3, 'app=my-app'])
  })
})
