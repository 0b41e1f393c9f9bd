import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PodSecurityContext, SecurityContext } from '../../api/generated/core-v1.ts'
import { confinementOf } from './confinement.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'seccomp-'))
})
afterEach(() => rm(directory, { recursive: true }))

function confine(own: SecurityContext, shared: PodSecurityContext = {}) {
  const container = { name: 'app', securityContext: own }
  const pod = { metadata: { name: 'web' }, spec: { securityContext: shared, containers: [container] } }
  return confinementOf(pod, container, { seccompDirectory: directory })
}

describe('the confinement of a container', () => {
  it('is none unless the spec asks for one', async () => {
    expect(await confine({})).toEqual({})
  })

  it('is its own over the pod’s', async () => {
    const shared = { seccompProfile: { type: 'RuntimeDefault' }, seLinuxOptions: { level: 's0' } }
    expect(await confine({}, shared)).toEqual({ seccomp: 'runtimeDefault', seLinux: { level: 's0' } })
    const own = { seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'Unconfined' } }
    expect(await confine(own, shared)).toEqual({
      seccomp: 'unconfined',
      appArmorProfile: 'unconfined',
      seLinux: { level: 's0' },
    })
  })

  it('comes from a profile of the node', async () => {
    await writeFile(join(directory, 'audit.json'), '{"defaultAction":"SCMP_ACT_LOG"}')
    const seccompProfile = { type: 'Localhost', localhostProfile: 'audit.json' }
    const appArmorProfile = { type: 'Localhost', localhostProfile: 'k8s-app' }
    expect(await confine({ seccompProfile, appArmorProfile })).toEqual({
      seccomp: { json: '{"defaultAction":"SCMP_ACT_LOG"}' },
      appArmorProfile: 'k8s-app',
    })
  })

  it.each([
    ['missing.json', 'no such file or directory'],
    ['../escape.json', 'is not below'],
  ])('refuses the profile %s', async (localhostProfile, message) => {
    await expect(confine({ seccompProfile: { type: 'Localhost', localhostProfile } })).rejects.toMatchObject({
      reason: 'CreateContainerError',
      message: expect.stringContaining(message),
    })
  })

  it('cannot leave /proc unmasked', async () => {
    await expect(confine({ procMount: 'Unmasked' })).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
    })
  })
})
