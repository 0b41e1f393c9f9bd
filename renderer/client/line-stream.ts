/**
 * Yields the lines of a streamed text answer, without their line ends, in batches as they arrive. A last line with no
 * line end is yielded when the stream ends.
 */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string[]> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      if (lines.length) yield lines
    }
    if (rest) yield [rest]
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}
