// Plain JavaScript on purpose: it must run on any Node to say that this one is too old.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `Wheelhouse needs Node 24 or newer; this is ${process.versions.node}.\n` +
      'It comes with `npm install` (devDependency "node"), so start things through npm: npm start, npm run cluster, npm test.\n' +
      'If it is missing all the same, its install script was blocked: run `npm install-scripts approve node` and `npm install` again.\n',
  )
  process.exit(1)
}
