import type { Container } from '../../api/generated/core-v1.ts'
import type { ImageWait } from '../images/image-manager.ts'
import { reasonBeforeStart } from '../pod-status/container-statuses.ts'
import type { PodRecord } from './pod-record.ts'
import type { SyncResult } from './pod-workers.ts'

/**
 * Has a container's status say why it waits for an image. A pull that goes on shows as the message of a container that never
 * ran; one that ran shows how that run ended until the next begins.
 */
export function noteImageWait(
  record: PodRecord,
  target: { container: Pick<Container, 'name'>; hasRun: boolean },
  wait: ImageWait,
): SyncResult {
  const { name } = target.container
  const { waiting, progress, requeueAfterMs } = wait
  if (waiting) record.waiting.set(name, waiting)
  else if (progress === undefined || target.hasRun) record.waiting.delete(name)
  else record.waiting.set(name, { reason: reasonBeforeStart(record.pod), message: progress })
  return requeueAfterMs === undefined ? {} : { requeueAfterMs }
}
