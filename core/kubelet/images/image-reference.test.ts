import { expect, it } from 'vitest'
import { imageReferenceProblem, isImageReference, withDefaultTag } from './image-reference.ts'
import { registryOf } from './pull-secrets.ts'

it.each([
  ['nginx', 'nginx:latest', 'docker.io'],
  ['nginx:1.27', 'nginx:1.27', 'docker.io'],
  ['library/nginx', 'library/nginx:latest', 'docker.io'],
  ['localhost:5000/a/b', 'localhost:5000/a/b:latest', 'localhost:5000'],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10', 'registry.k8s.io'],
  [`a@sha256:${'0'.repeat(64)}`, `a@sha256:${'0'.repeat(64)}`, 'docker.io'],
])('takes %s as %s from %s', (image, full, registry) => {
  expect(isImageReference(image)).toBe(true)
  expect(withDefaultTag(image)).toBe(full)
  expect(registryOf(image)).toBe(registry)
})

it.each(['', 'Nginx', 'nginx:', 'a b', 'nginx:la test', '/nginx', 'a//b', 'a@sha256:12'])(
  'refuses %s',
  (image) => expect(isImageReference(image)).toBe(false),
)

it.each([
  ['Nginx', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
  ['docker.io/me/Nginx:1', 'invalid reference format: repository name (me/Nginx) must be lowercase'],
  ['a b', 'invalid reference format'],
])('says what is wrong with %s', (image, problem) => {
  expect(imageReferenceProblem(image)).toBe(problem)
})
