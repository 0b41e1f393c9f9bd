import { expect, it } from 'vitest'
import { nodeMetrics } from '../../kinds/metrics/nodemetrics.ts'
import { listSchemaNameOf, schemaNameOf } from './schema-names.ts'

it('the types of metrics.k8s.io have the names that metrics-server publishes, and require what it does', () => {
  const name = 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics'
  expect([schemaNameOf(nodeMetrics), listSchemaNameOf(nodeMetrics)]).toEqual([name, `${name}List`])
  expect(nodeMetrics.schema).toMatchObject({ required: ['timestamp', 'window', 'usage'] })
})
