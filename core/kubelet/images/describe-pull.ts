import type { PullProgress } from '../runtime/image-pull.ts'

/** How far the pull of `image` is, for people; `progress` is undefined while it waits for a place among the others. */
export function describePull(image: string, progress: PullProgress | undefined): string {
  if (!progress) return `Image "${image}" waits for other pulls to end`
  const { layers, layersDone, downloadedBytes, totalBytes } = progress
  if (layers === 0) return `Pulling image "${image}"`
  const done = `${layersDone} of ${layers} ${layers === 1 ? 'layer' : 'layers'}`
  if (totalBytes === 0) return `Pulling image "${image}": ${done}`
  return `Pulling image "${image}": ${done}, ${mebibytes(downloadedBytes)} of ${mebibytes(totalBytes)} MiB downloaded`
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
