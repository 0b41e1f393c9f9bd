import { expect, it } from 'vitest'
import { createPullProgressReader } from './pull-progress.ts'

it('adds up the layers of a pull as the engine tells of them', () => {
  const reader = createPullProgressReader()
  expect(reader.take({ status: 'Pulling from library/nginx', id: '1.27' })).toBeUndefined()
  expect(reader.take({ status: 'Pulling fs layer', id: 'a', progressDetail: {} })).toEqual({
    layers: 1,
    layersDone: 0,
    downloadedBytes: 0,
    totalBytes: 0,
  })
  reader.take({ status: 'Already exists', id: 'b', progressDetail: {} })
  expect(
    reader.take({ status: 'Downloading', id: 'a', progressDetail: { current: 40, total: 100 } }),
  ).toEqual({ layers: 2, layersDone: 1, downloadedBytes: 40, totalBytes: 100 })
  // Unpacking counts other bytes than the download did.
  expect(reader.take({ status: 'Extracting', id: 'a', progressDetail: { current: 7, total: 100 } })).toEqual({
    layers: 2,
    layersDone: 1,
    downloadedBytes: 100,
    totalBytes: 100,
  })
  expect(reader.take({ status: 'Pull complete', id: 'a', progressDetail: {} })).toEqual({
    layers: 2,
    layersDone: 2,
    downloadedBytes: 100,
    totalBytes: 100,
  })
  expect(reader.take({ status: 'Digest: sha256:abc' })).toBeUndefined()
})
