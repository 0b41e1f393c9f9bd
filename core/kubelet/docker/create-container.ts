import type Docker from 'dockerode'
import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode'
import type { EngineCall } from './engine-call.ts'
import { engineMessage, engineStatus } from './docker-errors.ts'
import { label } from './labels.ts'

interface CreateRequest {
  docker: Docker
  call: EngineCall
  reason: string
  config: ContainerCreateOptions & { name: string }
}

const nameTaken = /name "?\/?[^"]*"? is already in use by container "?([0-9a-f]+)/

/**
 * Creates a container and answers its id. Where the name is taken, by an earlier try of ours that never got its answer
 * or by a leftover, the container is reused when its labels are the wanted ones and it has not run to its end; else it
 * is removed and created anew.
 */
export async function createContainer(request: CreateRequest): Promise<string> {
  try {
    return await create(request)
  } catch (error) {
    const cause = (error as Error).cause
    const holder = engineStatus(cause) === 409 ? nameTaken.exec(engineMessage(cause))?.[1] : undefined
    if (!holder) throw error
    if (await isReusable(request, holder)) return holder
    await request.call(request.reason, () =>
      request.docker.getContainer(holder).remove({ force: true, v: true }).catch(ignoreMissing),
    )
    return create(request)
  }
}

async function create({ docker, call, reason, config }: CreateRequest): Promise<string> {
  const container = await call(reason, () => docker.createContainer(config))
  return container.id
}

async function isReusable({ docker, config }: CreateRequest, id: string): Promise<boolean> {
  let info: ContainerInspectInfo
  try {
    info = await docker.getContainer(id).inspect()
  } catch {
    // It went away meanwhile, or cannot be read: creating anew is right in both cases.
    return false
  }
  const wanted = config.Labels ?? {}
  const matches = [label.cluster, label.node, label.podUid, label.attempt, label.specHash].every(
    (name) => info.Config.Labels[name] === wanted[name],
  )
  const neverFailed = info.State.Running || (info.State.Status === 'created' && info.State.ExitCode === 0)
  return matches && neverFailed
}

/** For removals: what is already gone, or being removed, is as good as removed. */
export function ignoreMissing(error: unknown): void {
  const status = engineStatus(error)
  if (status !== 404 && status !== 409) throw error
}
