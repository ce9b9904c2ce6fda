"""Java: well-known simple names, and what well-known methods return.

A file that imports ``javax.crypto.*`` does not say which names it takes. This table does, for the packages that rules speak of; it is the
one place to add to.
"""

from collections.abc import Mapping
from typing import Final

LANG: Final = frozenset(
    [
        "Boolean",
        "Byte",
        "Character",
        "Class",
        "ClassLoader",
        "Double",
        "Enum",
        "Exception",
        "Float",
        "Integer",
        "Iterable",
        "Long",
        "Math",
        "Number",
        "Object",
        "Process",
        "ProcessBuilder",
        "Runnable",
        "Runtime",
        "RuntimeException",
        "Short",
        "String",
        "StringBuffer",
        "StringBuilder",
        "System",
        "Thread",
        "ThreadLocal",
        "Throwable",
        "Void",
    ]
)
"""What every file knows without an import."""

PACKAGES: Final[Mapping[str, frozenset[str]]] = {
    package: frozenset(names.split())
    for package, names in {
        "java.io": "BufferedReader BufferedWriter ByteArrayInputStream ByteArrayOutputStream DataInputStream File FileInputStream FileOutputStream "
        "FileReader FileWriter InputStream InputStreamReader IOException ObjectInputStream ObjectOutputStream OutputStream PrintStream PrintWriter "
        "RandomAccessFile Reader Serializable StringReader StringWriter Writer",
        "java.net": "HttpCookie HttpURLConnection InetAddress InetSocketAddress Proxy ServerSocket Socket URI URL URLClassLoader URLConnection "
        "URLDecoder URLEncoder",
        "java.net.http": "HttpClient HttpRequest HttpResponse",
        "java.nio.file": "Files Path Paths StandardOpenOption",
        "java.security": "KeyFactory KeyPairGenerator KeyStore MessageDigest SecureRandom Signature AlgorithmParameters PrivateKey PublicKey",
        "java.security.cert": "CertificateFactory X509Certificate",
        "java.sql": "CallableStatement Connection DriverManager PreparedStatement ResultSet Statement",
        "java.util": "ArrayList Arrays Base64 Collections Date HashMap HashSet Hashtable LinkedList List Map Objects Optional Properties Random Scanner "
        "Set UUID",
        "java.util.concurrent": "Executors ThreadLocalRandom TimeUnit",
        "java.util.zip": "ZipEntry ZipFile ZipInputStream",
        "javax.crypto": "Cipher KeyGenerator Mac SecretKey SecretKeyFactory KeyAgreement",
        "javax.crypto.spec": "GCMParameterSpec IvParameterSpec PBEKeySpec SecretKeySpec PBEParameterSpec",
        "javax.naming": "Context InitialContext",
        "javax.naming.directory": "DirContext InitialDirContext SearchControls",
        "javax.net.ssl": "HostnameVerifier HttpsURLConnection KeyManagerFactory SSLContext SSLEngine SSLParameters SSLSession SSLSocket "
        "SSLSocketFactory TrustManager TrustManagerFactory X509TrustManager",
        "javax.script": "ScriptEngine ScriptEngineManager",
        "javax.servlet": "Filter RequestDispatcher ServletContext ServletRequest ServletResponse",
        "javax.servlet.http": "Cookie HttpServlet HttpServletRequest HttpServletResponse HttpSession",
        "jakarta.servlet": "Filter RequestDispatcher ServletContext ServletRequest ServletResponse",
        "jakarta.servlet.http": "Cookie HttpServlet HttpServletRequest HttpServletResponse HttpSession",
        "javax.xml.parsers": "DocumentBuilder DocumentBuilderFactory SAXParser SAXParserFactory",
        "javax.xml.stream": "XMLInputFactory XMLStreamReader",
        "javax.xml.transform": "Transformer TransformerFactory",
        "javax.xml.validation": "SchemaFactory Validator",
        "javax.xml.xpath": "XPath XPathExpression XPathFactory",
        "org.springframework.web.bind.annotation": "CookieValue CrossOrigin DeleteMapping GetMapping PathVariable PostMapping PutMapping PatchMapping "
        "RequestBody RequestHeader RequestMapping RequestParam ResponseBody RestController",
    }.items()
}
"""The types of packages that are often imported whole."""

RESULTS: Final[Mapping[str, str]] = {
    "java.lang.Runtime.getRuntime": "java.lang.Runtime",
    "java.sql.DriverManager.getConnection": "java.sql.Connection",
    "javax.sql.DataSource.getConnection": "java.sql.Connection",
    "java.sql.Connection.createStatement": "java.sql.Statement",
    "java.sql.Connection.prepareStatement": "java.sql.PreparedStatement",
    "java.sql.Connection.prepareCall": "java.sql.CallableStatement",
    "javax.crypto.Cipher.getInstance": "javax.crypto.Cipher",
    "javax.crypto.Mac.getInstance": "javax.crypto.Mac",
    "javax.crypto.KeyGenerator.getInstance": "javax.crypto.KeyGenerator",
    "javax.crypto.SecretKeyFactory.getInstance": "javax.crypto.SecretKeyFactory",
    "java.security.MessageDigest.getInstance": "java.security.MessageDigest",
    "java.security.KeyPairGenerator.getInstance": "java.security.KeyPairGenerator",
    "java.security.Signature.getInstance": "java.security.Signature",
    "javax.net.ssl.SSLContext.getInstance": "javax.net.ssl.SSLContext",
    "javax.xml.parsers.DocumentBuilderFactory.newInstance": "javax.xml.parsers.DocumentBuilderFactory",
    "javax.xml.parsers.DocumentBuilderFactory.newDocumentBuilder": "javax.xml.parsers.DocumentBuilder",
    "javax.xml.parsers.SAXParserFactory.newInstance": "javax.xml.parsers.SAXParserFactory",
    "javax.xml.parsers.SAXParserFactory.newSAXParser": "javax.xml.parsers.SAXParser",
    "javax.xml.stream.XMLInputFactory.newInstance": "javax.xml.stream.XMLInputFactory",
    "javax.xml.stream.XMLInputFactory.newFactory": "javax.xml.stream.XMLInputFactory",
    "javax.xml.transform.TransformerFactory.newInstance": "javax.xml.transform.TransformerFactory",
    "javax.xml.validation.SchemaFactory.newInstance": "javax.xml.validation.SchemaFactory",
    "javax.xml.xpath.XPathFactory.newInstance": "javax.xml.xpath.XPathFactory",
    "javax.xml.xpath.XPathFactory.newXPath": "javax.xml.xpath.XPath",
    "javax.servlet.http.HttpServletRequest.getSession": "javax.servlet.http.HttpSession",
    "jakarta.servlet.http.HttpServletRequest.getSession": "jakarta.servlet.http.HttpSession",
}
"""What well-known methods return: the name of the type reads better than that of the way to it."""


def in_packages(name: str, stars: list[str]) -> str | None:
    """Return the full name of a type that one of the packages imported whole has; ``None`` if that cannot be told."""
    for package in stars:
        if name in PACKAGES.get(package, ()):
            return f"{package}.{name}"
    if name in LANG:
        return f"java.lang.{name}"
    strange = [package for package in stars if package not in PACKAGES]
    if len(strange) == 1 and name[:1].isupper():
        return f"{strange[0]}.{name}"
    return None
