import { beforeEach, describe, expect, it } from 'vitest'
import { TestKinds, type AnyObject } from '../../testing/test-kinds.ts'
import { appArmorOfContainer } from './app-armor-annotations.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const warning = (name: string, prefix = ''): string =>
  `${prefix}metadata.annotations[${appArmorOfContainer}${name}]: deprecated since v1.30; use the "appArmorProfile" field instead`
const spec = `{
  securityContext: { appArmorProfile: { type: RuntimeDefault } },
  initContainers: [{ name: i, image: i }],
  containers: [
    { name: a, image: i },
    { name: b, image: i },
    { name: c, image: i, securityContext: { appArmorProfile: { type: Unconfined } } },
  ],
}`
const metadata = `{ labels: { a: b }, annotations: {
  ${appArmorOfContainer}a: localhost/mine, ${appArmorOfContainer}b: runtime/default,
  ${appArmorOfContainer}c: unconfined, ${appArmorOfContainer}i: unconfined } }`

describe('AppArmor annotations', () => {
  it('become fields of a new pod where there are none, and not the other way round', async () => {
    const { metadata: stored, spec: made } = await kinds.create(
      `{ kind: Pod, metadata: ${metadata.replace('{', '{ name: web,')}, spec: ${spec} }`,
    )
    const profiles = [...made.initContainers, ...made.containers].map(
      ({ securityContext }: AnyObject) => securityContext?.appArmorProfile,
    )
    expect(profiles).toEqual([
      { type: 'Unconfined' },
      { type: 'Localhost', localhostProfile: 'mine' },
      undefined,
      { type: 'Unconfined' },
    ])
    expect(Object.keys(stored.annotations)).toHaveLength(4)
    expect(kinds.warnings.toSorted()).toEqual(['a', 'i'].map((name) => warning(name)))
  })

  it('stay what they are in templates, which are warned of', async () => {
    const ofContainers = spec.replace(/securityContext.*\n/, '')
    const template = `{ metadata: ${metadata}, spec: ${ofContainers} }`
    const { spec: made } = await kinds.create(
      `{ kind: ReplicationController, metadata: { name: r }, spec: { selector: { a: b }, template: ${template} } }`,
    )
    expect(made.template.spec.containers[0].securityContext).toBeUndefined()
    expect(kinds.warnings.toSorted()).toEqual(['a', 'b', 'i'].map((name) => warning(name, 'spec.template.')))
  })
})
