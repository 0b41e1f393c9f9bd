import { describe, expect, it } from 'vitest'
import { fieldPathParts, locateField, parseManifests, parseObject, toYaml } from './yaml.ts'

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app
    image: nginx
    ports:
    - containerPort: 99999
`

describe('parseManifests', () => {
  it('reads several documents, JSON and Lists, and leaves empty ones out', () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }],
    })
    const found = parseManifests(`# comment only\n---\n${pod}---\n---\n${list}\n`)
    expect(found.map(({ object }) => object?.kind)).toEqual(['Pod', 'Secret'])
    expect(found[0]!.line).toBe(3)
  })

  it('reads scalars as Kubernetes does', () => {
    const { object } = parseObject(
      'apiVersion: v1\nkind: X\nmetadata: {name: a}\nmode: 0644\non: yes\nat: 2026-01-01T00:00:00Z\nclock: 12:30:00\n',
    )
    expect(object).toMatchObject({ mode: 420, at: '2026-01-01T00:00:00Z', clock: '12:30:00' })
  })

  it('says where text is broken and goes on behind it', () => {
    const found = parseManifests(`a: [1\n---\n${pod}`)
    expect(found[0]!.object).toBeUndefined()
    expect(found[0]!.problems[0]!.severity).toBe('error')
  })

  it('refuses what is no object, and duplicate keys', () => {
    expect(parseManifests('just text')[0]!.problems[0]!.message).toContain('not a Kubernetes object')
    expect(parseObject(`${pod}kind: Other\n`).object).toBeUndefined()
  })
})

describe('toYaml', () => {
  it('leaves managedFields out, keeps order, and quotes what would be read as something else', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', managedFields: [{ manager: 'x' }] },
      data: { flag: 'yes', octal: '0644', text: 'two\nlines\n', number: '1' },
    }
    const text = toYaml(object)
    expect(text).toContain('flag: "yes"')
    expect(text).toContain('octal: "0644"')
    expect(text).toContain('text: |')
    expect(text).not.toContain('managedFields')
    expect(parseObject(text).object).toMatchObject({ data: object.data })
  })
})

describe('locateField', () => {
  it('finds the key a server complains about, or the nearest parent', () => {
    const at = (field: string): string | undefined => {
      const place = locateField(pod, field)
      return place && pod.slice(place.from, place.to)
    }
    expect(at('spec.containers[0].ports[0].containerPort')).toBe('containerPort')
    expect(at('spec.containers[0].image')).toBe('image')
    expect(at('spec.restartPolicy')).toBe('spec')
    expect(at('status.x')).toBeUndefined()
  })

  it('keeps dots inside brackets together', () => {
    expect(fieldPathParts('metadata.annotations[a.b/c].x[2]')).toEqual([
      'metadata',
      'annotations',
      'a.b/c',
      'x',
      2,
    ])
  })
})
