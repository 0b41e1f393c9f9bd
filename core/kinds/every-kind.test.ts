import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../api/meta.ts'
import type { Registry } from '../registry/registry.ts'
import { minimalManifests } from './testing/minimal-manifests.ts'
import { builtInKinds } from './index.ts'
import { createTestRegistry, testContext } from './testing/test-registry.ts'

const context = testContext()
let registry: Registry
beforeEach(() => {
  registry = createTestRegistry()
})

describe('every stored kind', () => {
  const stored = builtInKinds.filter((kind) => !kind.isVirtual)

  it.each(stored.map((kind) => [`${kind.kind}.${kind.group}/${kind.version}`, kind] as const))(
    '%s is created, shown, patched and deleted',
    async (_name, kind) => {
      const manifest =
        minimalManifests[`${kind.kind}.${kind.group}/${kind.version}`] ?? minimalManifests[kind.kind]
      expect(manifest, `a manifest of ${kind.kind}`).toBeDefined()
      const body = parse(manifest!) as KubeObject
      const { group, version, names } = kind
      const resource = registry.resource(group, version, names.plural)!
      const namespace = kind.namespaced ? 'default' : undefined
      const { object } = await resource.create(namespace, body, { context })
      const ref = { namespace, name: object!.metadata.name }

      const cells = kind.columns.map((column) => column.value(object!, Date.parse('2026-01-01T00:05:00Z')))
      for (const cell of cells) {
        expect(['string', 'number', 'boolean']).toContain(typeof cell)
        expect(String(cell)).not.toMatch(/undefined|NaN|\[object/)
      }

      const patch = { metadata: { labels: { patched: 'yes' } } }
      const patched = await resource.patch(ref, { type: 'merge', patch }, { context })
      expect(patched.object!.metadata.labels).toMatchObject({ patched: 'yes' })
      // The server's own state comes back to it unchanged.
      const again = await resource.update(ref, structuredClone(patched.object!), { context })
      expect(again.object!.metadata.resourceVersion).toBe(patched.object!.metadata.resourceVersion)

      const page = await resource.list(namespace === undefined ? {} : { namespace })
      expect(page.entries).toHaveLength(1)
      await resource.delete(ref, {}, { context })
    },
  )
})
