import { expect, it } from 'vitest'
import type { AdmissionAttributes } from '../api/request.ts'
import { admissionForbidden } from './admission-forbidden.ts'

it.each([
  [{ name: 'p' }, 'p'],
  [{ name: '', generateName: 'p-' }, 'p-'],
  [{ name: '' }, 'Unknown'],
])('the object of %j is called %s', (metadata, name) => {
  const resource = { group: '', version: 'v1', resource: 'pods' }
  const attributes = { name: '', resource, object: { metadata } } as unknown as AdmissionAttributes
  expect(admissionForbidden(attributes, 'why').message).toBe(`pods "${name}" is forbidden: why`)
})
