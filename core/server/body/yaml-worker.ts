import { parentPort } from 'node:worker_threads'
import { MalformedBody } from './malformed-body.ts'
import type { YamlAnswer, YamlRequest } from './yaml-thread.ts'
import { parseYaml } from './yaml.ts'

/** The worker's entry: parses what it is sent, one text at a time, in order. */
parentPort?.on('message', ({ id, text }: YamlRequest) => {
  parentPort?.postMessage({ id, ...answer(text) } satisfies YamlAnswer)
})

function answer(text: string): Omit<YamlAnswer, 'id'> {
  try {
    return { parsed: parseYaml(text) }
  } catch (error) {
    const { message } = error as Error
    return error instanceof MalformedBody ? { malformed: message } : { failed: message }
  }
}
