const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function securityHeaders(_req, res, next) {
  res.set({
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': 'nosniff',
    // Not `no-referrer`: browsers then send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
  })
  next()
}

/** Forms that another site sends (CSRF). */
export function refuseOtherSites(req, res, next) {
  if (req.method === 'GET' || req.method === 'HEAD') return next()
  const origin = req.get('origin') ?? ''
  if (URL.canParse(origin) && new URL(origin).host === req.get('host')) return next()
  res.status(403).type('text').send('This form came from another site, so nothing was changed.\n')
}
