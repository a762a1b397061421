let folder

export function initialize(given) {
  folder = given
}

/** The folder's first: what two packages share has to be one. */
export async function resolve(specifier, context, next) {
  if (/^(\.|\/|node:|file:|data:)/.test(specifier) || !context.parentURL?.includes('/bench/suites/')) {
    return next(specifier, context)
  }
  try {
    return await next(specifier, { ...context, parentURL: folder })
  } catch {
    return next(specifier, context)
  }
}
