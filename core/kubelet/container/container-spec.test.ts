import { describe, expect, it } from 'vitest'
import type { Container, Pod, PodSpec } from '../../api/generated/core-v1.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import { buildContainerSpec, containerHash } from './container-spec.ts'
import { resourceFields } from './resource-fields.ts'

function build(container: Partial<Container>, spec: Partial<PodSpec> = {}, user?: string) {
  const pod: Pod = {
    metadata: { name: 'web', namespace: 'default', uid: 'u1' },
    spec: { containers: [], ...spec },
  }
  const image: ImageStatus = { id: 'i', tags: [], digests: [], sizeBytes: 1, ...(user ? { user } : {}) }
  return buildContainerSpec({
    pod,
    container: { name: 'app', image: 'nginx', ...container },
    sandboxId: 's1',
    attempt: 2,
    image,
    environment: new Map([
      ['PORT', '80'],
      ['NAME', 'x'],
    ]),
  })
}

describe('a container spec', () => {
  it('cannot promise mounts that are read-only all the way down, and may do without', () => {
    const mount = (recursiveReadOnly: string) =>
      build({ volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly }] })
    expect(() => mount('Enabled')).toThrow(
      'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime',
    )
    expect(mount('IfPossible').mounts).toEqual([{ volume: 'v', path: '/v', readOnly: true }])
  })

  it('expands command, args and subPathExpr', () => {
    const spec = build({
      command: ['serve', '--port=$(PORT)'],
      args: ['$$(PORT)', '$(NONE)'],
      volumeMounts: [
        { name: 'data', mountPath: '/d', subPathExpr: 'sub/$(NAME)' },
        { name: 'cfg', mountPath: '/c', readOnly: true, subPath: 'one.conf' },
      ],
    })
    expect(spec.command).toEqual(['serve', '--port=80'])
    expect(spec.args).toEqual(['$(PORT)', '$(NONE)'])
    expect(spec.mounts).toEqual([
      { volume: 'data', path: '/d', readOnly: false, subPath: 'sub/x' },
      { volume: 'cfg', path: '/c', readOnly: true, subPath: 'one.conf' },
    ])
    expect(() => build({ volumeMounts: [{ name: 'v', mountPath: '/v', subPathExpr: '$(NONE)' }] })).toThrow(
      'missing value for "NONE"',
    )
  })

  it.each([
    ['/$(NAME)', 'error SubPath `/x` must not be an absolute path'],
    ['$(NAME)/..', "unable to provision SubPath `x/..`: must not contain '..'"],
  ])('refuses the subPathExpr %s for what it turns out to be', (subPathExpr, message) => {
    const refused = expect.objectContaining({ reason: 'CreateContainerConfigError', message })
    expect(() => build({ volumeMounts: [{ name: 'v', mountPath: '/v', subPathExpr }] })).toThrow(refused)
  })

  it('leaves command and args of the image alone when the pod has none', () => {
    const spec = build({ command: [], args: [] })
    expect(spec).not.toHaveProperty('command')
    expect(spec).not.toHaveProperty('args')
  })

  it.each([
    [{}, { cpuShares: 2 }],
    [{ requests: { cpu: '500m' } }, { cpuShares: 512 }],
    [
      { limits: { cpu: '2', memory: '64Mi' } },
      { cpuShares: 2048, cpuQuota: { quota: 200_000, period: 100_000 }, memoryLimitBytes: 67_108_864 },
    ],
    [{ limits: { cpu: '1m' } }, { cpuShares: 2, cpuQuota: { quota: 1000, period: 100_000 } }],
  ])('translates resources %j', (resources, expected) => {
    expect(resourceFields(resources)).toEqual(expected)
  })

  it("prefers the container's security settings over the pod's", () => {
    const spec = build(
      {
        securityContext: {
          runAsUser: 1000,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { add: ['CAP_NET_ADMIN'], drop: ['ALL'] },
        },
      },
      { securityContext: { runAsUser: 1, runAsGroup: 7, fsGroup: 9, supplementalGroups: [8] } },
    )
    expect(spec).toMatchObject({
      user: '1000:7',
      noNewPrivileges: true,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
      supplementalGroups: [8, 9],
    })
  })

  it.each([
    [{ runAsNonRoot: true }, undefined, 'container has runAsNonRoot and image will run as root'],
    [{ runAsNonRoot: true, runAsUser: 0 }, '1000', "container's runAsUser breaks non-root policy"],
    [{ runAsNonRoot: true }, 'app', 'image has non-numeric user (app), cannot verify user is non-root'],
  ])('refuses root with %j', (securityContext, imageUser, message) => {
    expect(() => build({ securityContext }, {}, imageUser)).toThrow(message)
  })

  it('lets a numeric image user pass runAsNonRoot', () => {
    expect(build({ securityContext: { runAsNonRoot: true } }, {}, '101')).not.toHaveProperty('user')
  })

  it('has a hash that only name and image change', () => {
    const hash = containerHash({ name: 'app', image: 'nginx:1' })
    expect(containerHash({ name: 'app', image: 'nginx:1', env: [{ name: 'A' }] })).toBe(hash)
    expect(containerHash({ name: 'app', image: 'nginx:2' })).not.toBe(hash)
  })
})
