/* On a landing page: keeps the click ID of the address in a cookie of that page's own site.
   On a thank-you page, with data-report: reports the conversion in a hidden frame. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script) { return; }
  var COOKIE = "redound_click";
  var DAYS = 90;
  var CLICK_ID = /^[0-9a-hjkmnp-tv-z]{40}$/i;

  function ofAddress(name) {
    var pairs = location.search.slice(1).split("&");
    for (var i = 0; i < pairs.length; i += 1) {
      var at = pairs[i].indexOf("=");
      if (at > 0 && pairs[i].slice(0, at) === name) { return pairs[i].slice(at + 1); }
    }
    return "";
  }

  function ofCookie() {
    var cookies = document.cookie.split(/;\s*/);
    for (var i = 0; i < cookies.length; i += 1) {
      if (cookies[i].indexOf(COOKIE + "=") === 0) { return cookies[i].slice(COOKIE.length + 1); }
    }
    return "";
  }

  function keep(clickId) {
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = COOKIE + "=" + clickId + "; Max-Age=" + DAYS * 86400 + "; Path=/; SameSite=Lax" + secure;
  }

  function report(clickId) {
    var query = "click_id=" + encodeURIComponent(clickId);
    for (var i = 0; i < script.attributes.length; i += 1) {
      var name = script.attributes[i].name;
      if (name.indexOf("data-") !== 0 || name === "data-report" || name === "data-param" || name === "data-click-id") {
        continue;
      }
      query += "&" + encodeURIComponent(name.slice(5).replace(/-/g, "_"));
      query += "=" + encodeURIComponent(script.attributes[i].value);
    }
    var frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.referrerPolicy = "no-referrer";
    frame.title = "Pixel";
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    frame.style.cssText = "position:absolute;width:1px;height:1px;border:0;opacity:0;pointer-events:none";
    frame.src = script.src.replace(/\/pixel\.js.*$/, "/pixel.html") + "?" + query;
    document.body.appendChild(frame);
  }

  var found = ofAddress(script.getAttribute("data-param") || "click_id");
  if (CLICK_ID.test(found)) { keep(found); }
  if (!script.hasAttribute("data-report")) { return; }
  var clickId = script.getAttribute("data-click-id") || (CLICK_ID.test(found) ? found : ofCookie());
  if (document.body) {
    report(clickId);
  } else {
    document.addEventListener("DOMContentLoaded", function () { report(clickId); });
  }
}());
