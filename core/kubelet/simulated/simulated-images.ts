import { RuntimeError, type Runtime } from '../runtime/runtime.ts'
import { imageUser } from './simulated-container.ts'

/** Images of this name pattern cannot be pulled; every other image is there. */
const missingImage = /^missing\//

/** The images of a simulated runtime, each of which begins with `check`, which throws while it is unreachable. */
export function simulatedImages(
  check: () => void,
): Pick<Runtime, 'imageStatus' | 'pullImage' | 'removeImage' | 'listImages'> {
  return {
    async imageStatus(image) {
      check()
      if (missingImage.test(image)) return undefined
      return { id: `sha256:${image}`, tags: [image], digests: [], sizeBytes: 0, user: imageUser }
    },
    async pullImage(image) {
      check()
      const name = image.split(':')[0]!
      throw new RuntimeError(
        'ErrImagePull',
        `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
      )
    },
    async removeImage() {
      check()
    },
    async listImages() {
      check()
      return []
    },
  }
}
