import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { systemClock } from '../../util/clock.ts'
import { connectDocker } from './connect.ts'
import { createEngineCall } from './engine-call.ts'
import { createImages } from './images.ts'

it('an image that a container uses stays; removing one name leaves the others', async () => {
  const docker = connectDocker()
  const images = createImages({ docker, call: createEngineCall(systemClock), clock: systemClock })
  const repo = `wheelhouse-test/gc-${randomUUID().slice(0, 8)}`
  // An image of its own, so that a container of it uses no other name.
  const base = await docker.createContainer({ Image: 'wheelhouse-test/busybox', Cmd: ['true'] })
  await base.commit({ repo, tag: '1' })
  await base.remove()
  const used = `${repo}:1`
  const container = await docker.createContainer({ Image: used, Cmd: ['true'] })
  try {
    await expect(images.remove(used)).rejects.toMatchObject({ reason: 'RemoveImageError' })
    expect(await images.status(used)).toBeDefined()
  } finally {
    await container.remove()
  }
  await docker.getImage(used).tag({ repo, tag: 'users' })
  await images.remove(used)
  expect(await images.status(used)).toBeUndefined()
  expect(await images.status(`${repo}:users`)).toBeDefined()
  await images.remove(`${repo}:users`)
  // What is gone already is no error.
  await images.remove(`${repo}:users`)
})
