// Shows the document of this server. Calls that change something need the CSRF token of a session in the browser.
const changes = (request) => !/^(get|head)$/i.test(request.method ?? "get");

async function withCsrfToken(request) {
  const bearer = request.headers?.Authorization ?? request.headers?.authorization;
  if (request.loadSpec || bearer || !changes(request)) return request;
  const me = await fetch("/v1/me");
  const token = me.ok ? (await me.json()).csrf_token : null;
  if (token) request.headers["X-CSRF-Token"] = token;
  return request;
}

// Swagger UI is dark under this class; which one it is, the system says, also while the page is open.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  requestInterceptor: withCsrfToken,
});
