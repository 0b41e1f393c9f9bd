import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { ensureBootstrapObjects } from '../bootstrap-objects.ts'
import type { ControlPlaneOptions } from '../control-plane-options.ts'
import { openControlPlane, type ControlPlane } from '../control-plane.ts'

/** A control plane over a directory, with what a cluster begins with and its default roles; who opens it closes it. */
export async function openWithAccessControl(
  dataDirectory: string,
  options: Partial<ControlPlaneOptions> = {},
): Promise<ControlPlane> {
  const plane = await openControlPlane({
    dataDirectory,
    nodeBackends: () => undefined,
    clock: systemClock,
    log: silentLogger,
    ...options,
  })
  await ensureBootstrapObjects(plane.clientFor('admin').transport)
  await plane.startAccessControl()
  return plane
}
