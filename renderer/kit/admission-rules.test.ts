import { expect, it } from 'vitest'
import { admissionRules, webhookAddress } from './admission-rules.ts'

it('says which operations on what', () => {
  expect(
    admissionRules([
      {
        apiGroups: ['apps'],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['deployments/scale'],
      },
      {
        apiGroups: ['', 'batch'],
        apiVersions: ['*'],
        resources: ['pods'],
        scope: 'Namespaced',
        resourceNames: ['a'],
      },
    ]),
  ).toEqual([
    { operations: 'CREATE, UPDATE', targets: 'deployments.apps/scale (v1)', names: '', scope: '' },
    { operations: '*', targets: 'pods, pods.batch', names: 'a', scope: 'Namespaced' },
  ])
})

it('says where a webhook is called', () => {
  expect(webhookAddress({ url: 'https://example.com/x' })).toBe('https://example.com/x')
  expect(webhookAddress({ service: { namespace: 'shop', name: 'hook', path: '/v' } })).toBe(
    'hook.shop.svc:443/v',
  )
})
