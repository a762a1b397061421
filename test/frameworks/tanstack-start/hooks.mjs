// In the place of the plugin of Vite: the modules that a build makes of an application are those of these tests.
const OWN = new Map([
  ['#tanstack-router-entry', './application/router.mjs'],
  ['#tanstack-start-entry', './application/start.mjs'],
  ['#tanstack-start-server-fn-resolver', './application/functions.mjs'],
  ['tanstack-start-manifest:v', './application/manifest.mjs'],
])

export function resolve(specifier, context, next) {
  const own = OWN.get(specifier)
  if (own === undefined) return next(specifier, context)
  return { url: new URL(own, import.meta.url).href, shortCircuit: true }
}
