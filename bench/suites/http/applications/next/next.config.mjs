// Whatever a folder above holds, this is the project; its packages are links to other folders of the repository.
export default {
  outputFileTracingRoot: process.env.UNTORN_ROOT,
  turbopack: { root: process.env.UNTORN_ROOT },
}
