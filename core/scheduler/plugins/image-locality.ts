import { normalizedImageName } from '../image-name.ts'
import { maxScore, type ScorePlugin } from '../plugin.ts'

const mebibyte = 1024 * 1024
/** Images below this size are as good as not there; those above the other bound count no more than it. */
const minBytes = 23 * mebibyte
const maxBytesPerContainer = 1000 * mebibyte

/**
 * Nodes that have the pod's images are better, by size; an image that few nodes have counts less, so that pods do not
 * crowd on them (upstream: plugins/imagelocality).
 */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  prepare({ pod }, cluster) {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
    const total = cluster.nodes().length
    const images = containers
      .map(({ image }) => normalizedImageName(image ?? ''))
      .map((name) => ({ name, share: cluster.nodesWithImage(name) / total }))
      .filter(({ share }) => share > 0)
    if (images.length === 0) return undefined
    const maxBytes = maxBytesPerContainer * containers.length
    return (node) => {
      let bytes = 0
      for (const { name, share } of images) bytes += Math.floor((node.images.get(name) ?? 0) * share)
      const bounded = Math.min(Math.max(bytes, minBytes), maxBytes)
      return Math.floor((maxScore * (bounded - minBytes)) / (maxBytes - minBytes))
    }
  },
}
