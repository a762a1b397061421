// SvelteKit 3 asks for Node.js 22. All that it misses on 20 is this.
Promise.withResolvers ??= function withResolvers() {
  const made = {}
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}
