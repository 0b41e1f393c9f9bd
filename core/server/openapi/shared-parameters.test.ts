import { expect, it } from 'vitest'
import { createSharedParameters } from './shared-parameters.ts'

const meta = '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.'

it('names shared parameters as upstream, but those that clients look for', () => {
  const { share, parameters } = createSharedParameters()
  const body = (ref: string) => ({ name: 'body', in: 'body' as const, schema: { $ref: ref } })
  expect(share(body(`${meta}DeleteOptions`))).toEqual({ $ref: '#/parameters/body-2Y1dVQaQ' })
  expect(share(body(`${meta}DeleteOptions`))).toEqual({ $ref: '#/parameters/body-2Y1dVQaQ' })
  expect(share(body('#/definitions/io.k8s.api.core.v1.Pod'))).toHaveProperty('schema')
  const dryRun = { type: 'string', name: 'dryRun', in: 'query' as const }
  expect(share(dryRun)).toBe(dryRun)
  expect(parameters).toEqual({ 'body-2Y1dVQaQ': body(`${meta}DeleteOptions`) })
})
